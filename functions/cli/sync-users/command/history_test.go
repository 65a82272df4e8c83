package command

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/run"
)

// keepChanges keeps what three runs of the last days changed.
func keepChanges(f *fixture) {
	alice := run.Result{Username: "alice", Email: "alice@example.org", Outcome: run.Updated}
	moved, rotated := alice, alice
	moved.Reason, moved.Added, moved.Removed = "1 bucket added, 1 bucket removed", []string{"digipres-dev1-data"}, []string{"digipres-prod-archive"}
	moved.Buckets = moved.Added
	rotated.Reason, rotated.KeyRotated = "access key rotated", true
	f.keepChanges(time.Hour, "today", rotated,
		run.Result{Username: "bob", Email: "bob@example.org", Outcome: run.Updated, Reason: "settings corrected"},
		run.Result{Username: "carol", Email: "carol@example.org", Outcome: run.Failed, Error: "KeysMissing", Reason: "no keys (removed nevertheless: digipres-dev1-data)", Removed: []string{"digipres-dev1-data"}})
	f.keepChanges(48*time.Hour, "monday", moved)
	f.keepChanges(20*24*time.Hour, "old",
		run.Result{Username: "dave", Outcome: run.Revoked, Reason: "no stack group any more: 1 bucket removed", Removed: []string{"digipres-prod-archive"}})
}

func (f *fixture) keepChanges(ago time.Duration, name string, results ...run.Result) {
	started := time.Now().Add(-ago).UTC()
	text, _ := json.Marshal(run.Report{Summary: run.Summary{Execution: name, StartedAt: started, Totals: run.Count(results)}, Results: results})
	f.deployment.objects[run.ChangesKey(started, name)] = string(text)
}

func TestHistory(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"history.txt":         {"history"},
		"history-all.txt":     {"history", "--since", "30d"},
		"history-alice.txt":   {"history", "alice"},
		"history-nothing.txt": {"history", "erin", "--since", "1999-12-24"},
		"history.csv":         {"history", "-o", "csv"},
		"history.json":        {"history", "--since", "30d", "-o", "json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, keepChanges, args...)
			assert.Equal(t, success, got.code, got.err)
			assert.Empty(t, got.err)
			golden(t, name, got.out)
		})
	}
	got := runCommand(t, keepChanges, "history", "Alice@example.org", "-o", "json")
	changes := decoded[[]view.Change](t, got.out)
	require.Len(t, changes, 2)
	assert.Equal(t, "today", changes[0].Run, "the newest first")
	assert.Equal(t, "[]\n", runCommand(t, nil, "history", "-o", "json").out)
}

// Only the runs of the time that was asked for are read.
func TestHistoryReadsWhatItShows(t *testing.T) {
	t.Parallel()
	for period, want := range map[string]int{"2h": 1, "7d": 2, "30d": 3, "1m": 0} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture()
			keepChanges(f)
			f.run(t.Context(), "history", "--since", period)
			assert.Equal(t, want, f.deployment.loads, period)
		})
	}
}

// A sync from here is in the history, as a run of the workflow is.
func TestSyncIsInTheHistory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.run(t.Context(), "sync", "--yes")
		f.run(t.Context(), "sync", "--yes")
		changes := decoded[[]view.Change](t, f.run(t.Context(), "history", "-o", "json").out)
		var users []string
		for _, c := range changes {
			users = append(users, c.Username)
		}
		assert.Equal(t, []string{"alice", "dave", "erin"}, users, "the second sync changed nothing")
	})
}
