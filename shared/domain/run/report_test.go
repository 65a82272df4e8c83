package run_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// newReport returns the report of a run that started in another time zone.
func newReport(results ...run.Result) run.Report {
	started := time.Date(2026, 11, 21, 10, 30, 0, 5e8, time.FixedZone("CET", 3600))
	return run.Report{Summary: run.Summary{Execution: "e1", StartedAt: started, Totals: run.Count(results)}, Results: results}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	var (
		updated   = run.Result{Username: "alice", Outcome: run.Updated, Added: []string{"org-dev-a"}}
		corrected = run.Result{Username: "bob", Outcome: run.Updated}
		revoked   = run.Result{Username: "carol", Outcome: run.Revoked, Removed: []string{"org-dev-a"}}
		removed   = run.Result{Username: "dave", Outcome: run.Failed, Removed: []string{"org-dev-a"}}
		failed    = run.Result{Username: "erin", Outcome: run.Failed}
		unchanged = run.Result{Username: "frank", Outcome: run.Unchanged, Buckets: []string{"org-dev-a"}}
		skipped   = run.Result{Username: "grace", Outcome: run.Skipped}
	)
	dryRun := newReport(updated)
	dryRun.DryRun = true
	tests := []struct {
		name string
		give run.Report
		want []run.Result
	}{
		{"what changed", newReport(updated, corrected, revoked, removed, failed, unchanged, skipped), []run.Result{updated, corrected, revoked, removed}},
		{"no change", newReport(failed, unchanged, skipped), nil},
		{"nobody", newReport(), nil},
		{"a dry run", dryRun, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := tt.give.Changes()
			assert.Equal(t, tt.want, got.Results)
			assert.Equal(t, tt.give.Summary, got.Summary)
		})
	}
}

// A list of the keys after ChangesSince has exactly the runs that started then or later.
func TestChangesKeysAreInOrder(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	since := run.ChangesSince(at)
	assert.Equal(t, "changes/20261121T093000Z-e1.json", run.ChangesKey(newReport().StartedAt, "e1"))
	assert.Less(t, run.ChangesKey(at.Add(-time.Second), "zzz"), since)
	assert.Greater(t, run.ChangesKey(at, "AAA"), since)
	assert.Greater(t, run.ChangesKey(at.Add(time.Hour), "AAA"), run.ChangesKey(at, "zzz"))
}

// What a workflow keeps of an error tells what was removed.
func TestRemovedNevertheless(t *testing.T) {
	t.Parallel()
	missing := errkind.Errorf(errkind.KeysMissing, "in Parameter Store, /iam/access_key/alice is missing")
	err := run.AfterRemovals(missing, []string{"org-dev-a", "org-dev-b.c"})
	assert.EqualError(t, err, "in Parameter Store, /iam/access_key/alice is missing (removed nevertheless: org-dev-a, org-dev-b.c)")
	assert.Equal(t, errkind.KeysMissing, errkind.Of(err))
	assert.Equal(t, missing, run.AfterRemovals(missing, nil))

	result := run.FailedResult(run.User{Username: "alice"}, err)
	assert.Equal(t, []string{"org-dev-a", "org-dev-b.c"}, result.Removed)
	assert.True(t, result.Changed())
	assert.Nil(t, run.FailedResult(run.User{}, missing).Removed)

	for give, want := range map[string][]string{
		`{"errorMessage":"x (removed nevertheless: org-dev-a)","errorType":"Conflict"}`: {"org-dev-a"},
		"x (removed nevertheless: org-dev-a, org-de…":                                   {"org-dev-a"},
		"x (removed nevertheless: org-de…":                                              {},
		"x":                                                                             nil,
	} {
		assert.Equal(t, want, run.RemovedNevertheless(give), give)
	}
}
