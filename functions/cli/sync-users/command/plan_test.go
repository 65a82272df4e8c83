package command

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
