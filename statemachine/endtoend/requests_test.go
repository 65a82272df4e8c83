package endtoend

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/summarize"
)

func TestOneUserAlone(t *testing.T) {
	newTown(t, person("alice", devUsers), person("bob", devUsers), person("carol", devUsers, prodUsers))
	before := updatedAt(t)

	e := start(t, `{"username":"alice"}`)

	succeeded(t, e, wayOfSuccess)
	assert.Len(t, report(t, e), 1)
	assert.Equal(t, devBuckets, shows(t, email("alice")))
	after := updatedAt(t)
	assert.NotEqual(t, before[email("alice")], after[email("alice")])
	delete(before, email("alice"))
	delete(after, email("alice"))
	assert.Equal(t, before, after, "nobody else was touched")
	assert.Len(t, after, 2)
}

// updatedAt tells when each account was last written.
func updatedAt(t *testing.T) map[string]any {
	t.Helper()
	users, err := town.SFTPGo.Users(t.Context())
	require.NoError(t, err)
	at := map[string]any{}
	for _, user := range users {
		at[user["username"].(string)] = user["updated_at"]
	}
	return at
}

func TestDryRun(t *testing.T) {
	newTown(t, person("alice", devUsers), person("bob", devUsers))
	succeeded(t, start(t, `{"username":"bob"}`), wayOfSuccess)
	require.NoError(t, town.Leave(t.Context(), "bob", devUsers))
	require.NoError(t, town.Join(t.Context(), "bob", prodUsers))
	before, recordsBefore := updatedAt(t), records(t)

	e := start(t, `{"dryRun":true}`)

	succeeded(t, e, wayOfSuccess)
	results := report(t, e)
	assert.Equal(t, run.Updated, results["alice"].Outcome)
	assert.Equal(t, devBuckets, results["alice"].Added)
	assert.Equal(t, prodBuckets, results["bob"].Added)
	assert.Equal(t, devBuckets, results["bob"].Removed)
	assert.Equal(t, before, updatedAt(t))
	assert.Equal(t, recordsBefore, records(t))
	var output summarize.Output
	require.NoError(t, json.Unmarshal([]byte(e.output), &output))
	assert.True(t, output.DryRun)
	assert.Equal(t, run.Totals{Users: 2, Updated: 2}, output.Totals)
}

func TestBadInput(t *testing.T) {
	outsider, untagged := person("outsider", "staff"), person("untagged", devUsers)
	untagged.NoTag = true
	newTown(t, person("alice", devUsers), outsider, untagged)
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
			e := start(t, tt.give)
			failed(t, e, wayOfNoStart)
			assert.Equal(t, tt.wantError, e.err)
			assert.Contains(t, e.cause, tt.want)
			got := mails(t)
			require.Len(t, got, 1, "a run that fails before anyone is synced is mailed too")
			assert.Contains(t, got[0].Message, tt.want)
		})
	}
	assert.Equal(t, before, updatedAt(t), "nothing was changed")
	assert.Len(t, executions(t), known+len(tests), "xTRIGGER started nothing")
}
