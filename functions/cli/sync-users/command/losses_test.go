package command

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/snapshot"
)

// savesAccess has the last run have given some people a stack who left since, and alice
// hers.
func (f *fixture) savesAccess(t *testing.T, gone int) {
	t.Helper()
	s := snapshot.Snapshot{Execution: "before", Accounts: map[string]snapshot.Account{
		"alice@example.org": {Email: "alice@example.org", Username: "alice", Stacks: []string{"digipres-dev1"}},
	}}
	for i := range gone {
		email := fmt.Sprintf("gone%d@example.org", i)
		s.Accounts[email] = snapshot.Account{Email: email, Username: fmt.Sprintf("gone%d", i), Stacks: []string{"digipres-prod"}}
		f.server.AddAccount(email)
		f.mapBucket(email, "digipres-prod-archive", "AKIAGONE")
	}
	_, err := f.deployment.Save(t.Context(), snapshot.Key, s)
	require.NoError(t, err)
}

func (f *fixture) snapshot(t *testing.T) (s snapshot.Snapshot) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(f.deployment.objects[snapshot.Key]), &s))
	return s
}

func TestSyncRefusesManyLosses(t *testing.T) {
	t.Parallel()
	two := 2
	tests := []struct {
		name    string
		gone    int
		setting *int
		args    []string
		refused bool
	}{
		{"at the limit", 5, nil, nil, false},
		{"one above", 6, nil, nil, true},
		{"the deployment's limit", 3, &two, nil, true},
		{"accepted", 6, nil, []string{"--accept-losses"}, false},
		{"a sync for one user", 6, nil, []string{"-u", "alice"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			f.savesAccess(t, tt.gone)
			f.deployment.maxLosses = tt.setting
			f.server.Fault = nil
			got := f.run(t.Context(), append([]string{"sync", "--yes"}, tt.args...)...)
			if tt.refused {
				assert.Equal(t, failure, got.code)
				assert.Contains(t, got.err, fmt.Sprintf("%d people would lose access", tt.gone))
				assert.Contains(t, got.err, "sync-users sync --accept-losses")
				assert.Empty(t, f.server.Writes())
				assert.Equal(t, "before", f.snapshot(t).Execution)
				return
			}
			assert.NotContains(t, got.err, "would lose access")
			assert.NotEmpty(t, f.server.Writes())
			assert.NotEqual(t, "before", f.snapshot(t).Execution)
		})
	}
}

func TestSyncRefusesWithoutKnowingLosses(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.deployment.objects[snapshot.Key] = `{"accounts":`
	got := f.run(t.Context(), "sync", "--yes")
	assert.Equal(t, failure, got.code)
	assert.Contains(t, got.err, "it is damaged")
	assert.Empty(t, f.server.Writes())

	f.run(t.Context(), "sync", "--yes", "-u", "alice")
	assert.Equal(t, `{"accounts":`, f.deployment.objects[snapshot.Key], "one user's sync knows a part of it alone")
	f.run(t.Context(), "sync", "--yes", "--accept-losses")
	assert.True(t, f.snapshot(t).Accounts["alice@example.org"].HasAccess())
}

// Later runs know what a sync from here gave, as after one of the workflow.
func TestSyncSavesTheSnapshot(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.savesAccess(t, 1)
	report := decoded[run.Report](t, f.run(t.Context(), "sync", "--yes", "-o", "json").out)
	s := f.snapshot(t)
	assert.Equal(t, report.Execution, s.Execution)
	assert.Equal(t, []string{"digipres-dev1"}, s.Accounts["alice@example.org"].Stacks)
	assert.Equal(t, "KeysMissing", s.Accounts["carol@example.org"].Failed)
	assert.NotContains(t, s.Accounts, "gone0@example.org")
	assert.NotContains(t, f.server.Accounts["gone0@example.org"].Permissions, "/digipres-prod-archive")
}

// Transfer has no list of folders: the snapshot alone knows who has left.
func TestSyncRevokesWhomTheSnapshotAloneKnows(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.savesAccess(t, 1)
	report := decoded[run.Report](t, f.run(t.Context(), "sync", "--yes", "--stack-name", "sync-transfer-users", "-o", "json").out)
	var emails []string
	for _, result := range report.Results {
		emails = append(emails, result.Email)
	}
	assert.Contains(t, emails, "gone0@example.org")
}

func TestQuestionSaysHowManyLoseAccess(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "Change 1 account in SFTPGo?", question(1, 0, "SFTPGo"))
	assert.Equal(t, "1 person loses access. Change 12 accounts in SFTPGo?", question(12, 1, "SFTPGo"))
	assert.Equal(t, "7 people lose access. Change 12 accounts in SFTPGo?", question(12, 7, "SFTPGo"))
}

// What somebody has agreed to is not refused, but anything more is.
func TestMoreLossesThanAgreed(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.savesAccess(t, 8)
	b, err := newLossCheck(t.Context(), f.deployment.connection())
	require.NoError(t, err)
	alice := []run.User{{Username: "alice", Email: "alice@example.org", Stacks: []string{"digipres-dev1"}}}
	assert.Equal(t, 8, b.count(alice))
	assert.NoError(t, b.check(8, alice))
	assert.Error(t, b.check(7, alice))
}
