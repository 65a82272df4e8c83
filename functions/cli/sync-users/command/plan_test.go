package command

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	got := runCommand(t, nil, "plan")
	assert.Equal(t, failure, got.code, "carol has no keys")
	assert.Empty(t, got.err)
	golden(t, "plan.txt", got.out)

	golden(t, "plan-all.txt", runCommand(t, nil, "plan", "--all").out)
	golden(t, "plan-alice.txt", runCommand(t, nil, "plan", "--username", "alice").out)
}

func TestPlanFormats(t *testing.T) {
	t.Parallel()
	got := runCommand(t, nil, "plan", "--output", "json")
	golden(t, "plan.json", got.out)
	golden(t, "plan-alice.json", runCommand(t, func(f *fixture) {
		f.mapBucket("alice@example.org", "digipres-prod-archive", "AKIAALICE1")
	}, "plan", "-u", "alice", "-o", "json").out)
	report := decoded[run.Report](t, got.out)
	assert.True(t, report.DryRun)
	assert.Equal(t, map[string]run.Outcome{
		"alice": run.Updated, "bob": run.Unchanged, "carol": run.Failed, "dave": run.Revoked,
		"erin": run.Updated, "frank": run.Skipped, "grace": run.Skipped, "heidi": run.Skipped,
	}, outcomes(report))

	got = runCommand(t, nil, "plan", "--output", "csv")
	golden(t, "plan.csv", got.out)
	records, err := csv.NewReader(strings.NewReader(got.out)).ReadAll()
	require.NoError(t, err)
	assert.Len(t, records, 9)
}

func TestPlanExitCode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give string
		want       int
	}{
		{"no changes", "bob", success},
		{"an update", "alice", changes},
		{"a failure", "carol", failure},
		{"an unknown user", "zoe", failure},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, runCommand(t, nil, "plan", "-u", tt.give).code)
		})
	}
}

func TestPlanWritesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.run(t.Context(), "plan")
	assert.Empty(t, f.server.Writes())
	assert.Equal(t, []string{"*"}, f.server.Accounts["alice@example.org"].Permissions["/"])
	assert.Empty(t, f.deployment.objects)
	assert.Zero(t, f.deployment.lockVersion, "no run has to wait for a plan")
}

// An account that shows folders of this program, and whose tag no IAM user has.
func TestAccountsThatNobodyClaims(t *testing.T) {
	t.Parallel()
	leave := func(f *fixture) {
		f.users = slices.DeleteFunc(f.users, func(u discover.IAMUser) bool { return u.Username == "bob" })
	}
	planned := decoded[run.Report](t, runCommand(t, leave, "plan", "-o", "json").out).Results
	left := planned[len(planned)-1]
	assert.Equal(t, run.Result{
		Email: "bob@example.org", Outcome: run.Revoked, Reason: "no IAM user has this Email tag: 1 bucket removed", Removed: []string{"digipres-prod-archive"},
	}, left)
	assert.NotContains(t, runCommand(t, leave, "plan", "-u", "alice").out, "bob")

	f := newFixture()
	leave(f)
	got := f.run(t.Context(), "sync", "--yes")
	assert.Contains(t, got.err, "bob@example.org revoked: no IAM user has this Email tag")
	assert.Empty(t, f.server.Paths("bob@example.org"))
}

func TestPlanWithoutTheRightToListFolders(t *testing.T) {
	t.Parallel()
	got := runCommand(t, func(f *fixture) {
		f.server.Fault = func(call string) error {
			if call == "GET folders" {
				return errkind.Errorf(errkind.AccessDenied, "the administrator lacks manage_folders")
			}
			return nil
		}
	}, "plan", "--all")
	assert.Contains(t, got.err, "Accounts that no IAM user claims are not shown: ")
	assert.Contains(t, got.err, "manage_folders")
	assert.Contains(t, got.out, "alice@example.org")
}
