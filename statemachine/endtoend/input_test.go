package endtoend

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/summarize"
)

func TestRunOfOneUserChangesNoOther(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers), newUser("bob", devUsers), newUser("carol", devUsers, prodUsers))
	before := updatedAt(t)

	e := startRun(t, `{"username":"alice"}`)

	requireSucceeded(t, e, withoutListing(pathSucceeded))
	assert.Len(t, readReport(t, e), 1)
	assert.Equal(t, devBuckets, mappedBuckets(t, email("alice")))
	after := updatedAt(t)
	assert.NotEqual(t, before[email("alice")], after[email("alice")])
	delete(before, email("alice"))
	delete(after, email("alice"))
	assert.Equal(t, before, after, "no other account was written")
	assert.Len(t, after, 2)
}

// updatedAt returns when each account was last written.
func updatedAt(t *testing.T) map[string]any {
	t.Helper()
	users, err := fixtures.SFTPGo.Accounts(t.Context())
	require.NoError(t, err)
	at := map[string]any{}
	for _, user := range users {
		at[user["username"].(string)] = user["updated_at"]
	}
	return at
}

func TestDryRunWritesNothing(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers), newUser("bob", devUsers))
	requireSucceeded(t, startRun(t, `{"username":"bob"}`), withoutListing(pathSucceeded))
	require.NoError(t, fixtures.RemoveFromGroup(t.Context(), "bob", devUsers))
	require.NoError(t, fixtures.AddToGroup(t.Context(), "bob", prodUsers))
	before, foldersBefore := updatedAt(t), folderNames(t)

	e := startRun(t, `{"dryRun":true}`)

	requireSucceeded(t, e, pathSucceeded)
	results := readReport(t, e)
	assert.Equal(t, run.Updated, results["alice"].Outcome)
	assert.Equal(t, devBuckets, results["alice"].Added)
	assert.Equal(t, prodBuckets, results["bob"].Added)
	assert.Equal(t, devBuckets, results["bob"].Removed)
	assert.Equal(t, before, updatedAt(t))
	assert.Equal(t, foldersBefore, folderNames(t))
	var output summarize.Output
	require.NoError(t, json.Unmarshal([]byte(e.output), &output))
	assert.True(t, output.DryRun)
	assert.Equal(t, run.Totals{Users: 2, Updated: 2}, output.Totals)
}

func TestInvalidInputIsExplained(t *testing.T) {
	outsider, untagged := newUser("outsider", "staff"), newUser("untagged", devUsers)
	untagged.NoTag = true
	resetFixtures(t, newUser("alice", devUsers), outsider, untagged)
	upload(t, "sync-users/xTRIGGER") // not the key, so it starts nothing
	before := updatedAt(t)
	known := len(executions(t))
	tests := []struct {
		name, give, wantError, want string
	}{
		{"unknown user", `{"username":"nobody"}`, "NotEligible", `there is no IAM user "nobody"`},
		{"no stack group", `{"username":"outsider"}`, "NotEligible", "outsider is not eligible: no stack group"},
		{"no Email tag", `{"username":"untagged"}`, "NotEligible", "untagged is not eligible: no Email tag"},
		{"unknown field", `{"user":"alice"}`, "InvalidInput", `unknown field "user"`},
		{"wrong type", `{"username":["alice"]}`, "InvalidInput", `"username" must be`},
		{"an array", `[]`, "InvalidInput", "must be a JSON object"},
		{"an event of another bucket", `{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"digipres-prod-managed"},"object":{"key":"sync-users/TRIGGER"}}}`,
			"InvalidInput", "the event is about s3://digipres-prod-managed/sync-users/TRIGGER"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := startRun(t, tt.give)
			path := pathDiscoverFailed
			if strings.Contains(tt.give, "username") {
				path = withoutListing(path)
			}
			requireFailed(t, e, path)
			assert.Equal(t, tt.wantError, e.err)
			assert.Contains(t, e.cause, tt.want)
			got := receiveMails(t)
			require.Len(t, got, 1, "a run that fails before anyone is synced is mailed too")
			assert.Contains(t, got[0].Message, tt.want)
		})
	}
	assert.Equal(t, before, updatedAt(t), "nothing was changed")
	assert.Len(t, executions(t), known+len(tests), "xTRIGGER started nothing")
}
