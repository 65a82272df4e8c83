package command

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/run"
)

// inSync gives alice what her groups of digipres-dev1 give, and bob one group more.
func inSync(f *fixture) {
	f.mapBucket("alice@example.org", "digipres-dev1-data", "AKIAALICE1")
	f.mapBucket("alice@example.org", "digipres-dev1-managed", "AKIAALICE1")
	f.users[1].Groups = append(f.users[1].Groups, "digipres-dev1-users")
	f.mapBucket("bob@example.org", "digipres-dev1-data", "AKIABOB1")
	f.mapBucket("bob@example.org", "digipres-dev1-managed", "AKIABOB1")
}

func TestPlanWithoutGroup(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, username, group string
		code                  int
		outcome               run.Outcome
		removed               []string
		note                  string
	}{
		{"one of two stacks", "bob", "digipres-dev1-users", changes, run.Updated, []string{"digipres-dev1-data", "digipres-dev1-managed"}, ""},
		{"the last one", "erin", "digipres-prod-users", changes, run.Revoked, []string{"digipres-prod-archive"}, ""},
		{"another group gives the same", "alice", "digipres-dev1-users", success, run.Unchanged, nil,
			"alice would keep digipres-dev1, because of digipres-dev1-power-users.\n"},
		{"nobody who has an account", "frank", "digipres-dev1-users", success, run.Skipped, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, inSync, "plan", "--user", tt.username, "--without-group", tt.group, "-o", "json")
			assert.Equal(t, tt.code, got.code)
			assert.Equal(t, tt.note, got.err)
			report := decoded[run.Report](t, got.out)
			if assert.Len(t, report.Results, 1) {
				assert.Equal(t, tt.username, report.Results[0].Username)
				assert.Equal(t, tt.outcome, report.Results[0].Outcome)
				assert.Equal(t, tt.removed, report.Results[0].Removed)
				assert.Empty(t, report.Results[0].Added)
			}
		})
	}
	for _, format := range []string{"table", "json", "csv"} {
		golden(t, "plan-without-group."+strings.Replace(format, "table", "txt", 1),
			runCommand(t, inSync, "plan", "--username", "bob", "--without-group", "digipres-dev1-users", "-o", format).out)
	}
}

func TestPlanWithoutGroupWritesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture()
	inSync(f)
	groups := len(f.users[1].Groups)
	f.run(t.Context(), "plan", "-u", "bob", "--without-group", "digipres-dev1-users")
	assert.Empty(t, f.server.Writes())
	assert.Len(t, f.users[1].Groups, groups)
	assert.Equal(t, []string{"GET users/bob@example.org"}, f.server.Calls, "it reads her account alone")
}
