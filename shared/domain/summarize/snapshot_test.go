package summarize_test

import (
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/snapshot"
	"github.com/digipres/sync-users/shared/domain/summarize"
)

// twoUsers is a run in which alice was updated, and carl could not be revoked.
var twoUsers = bucket{
	"users":    `[{"username":"alice","email":"alice@x.org","stacks":["org-dev"]},{"username":"","email":"carl@x.org"},{"username":"","email":"dora@x.org"}]`,
	"manifest": `{"DestinationBucket":"runs","ResultFiles":{"SUCCEEDED":[{"Key":"s0"}]}}`,
	"s0": `[{"Output":"{\"username\":\"alice\",\"email\":\"alice@x.org\",\"outcome\":\"updated\",\"reason\":\"r\"}"},
		{"Input":"{\"user\":{\"username\":\"\",\"email\":\"carl@x.org\"}}","Output":"{\"username\":\"\",\"outcome\":\"failed\",\"caught\":{\"Error\":\"Unavailable\",\"Cause\":\"no answer\"}}"},
		{"Output":"{\"username\":\"\",\"email\":\"dora@x.org\",\"outcome\":\"revoked\",\"reason\":\"no IAM user has this Email tag\"}"}]`,
}

const before = `{"execution":"e0","accounts":{"bob@x.org":{"email":"bob@x.org","username":"bob","stacks":["org-dev"]},
	"carl@x.org":{"email":"carl@x.org","username":"carl","stacks":["org-dev"]},"dora@x.org":{"email":"dora@x.org","username":"dora","stacks":["org-dev"]}}}`

func TestHandleReportsAccountsThatNobodyClaims(t *testing.T) {
	t.Parallel()
	output, report := handle(t, maps.Clone(twoUsers))
	assert.Equal(t, []run.Result{
		{Username: "alice", Email: "alice@x.org", Outcome: run.Updated, Reason: "r"},
		{Email: "carl@x.org", Outcome: run.Failed, Error: "Unavailable", Reason: "no answer"},
		{Email: "dora@x.org", Outcome: run.Revoked, Reason: "no IAM user has this Email tag"},
	}, report.Results)
	assert.Contains(t, output.Message, "\n  carl@x.org: no answer (Unavailable)\n")
}

func TestHandleSavesTheSnapshot(t *testing.T) {
	t.Parallel()
	const damaged = `{"accounts":`
	tests := []struct {
		name   string
		change func(*run.Metadata)
		before string
		want   map[string]bool // whether each account has access; nil if nothing is saved
	}{
		{"a run for everybody", func(*run.Metadata) {}, before, map[string]bool{"alice@x.org": true, "carl@x.org": true}},
		{"the first run", func(*run.Metadata) {}, "", map[string]bool{"alice@x.org": true, "carl@x.org": false}},
		{"those who changed", func(m *run.Metadata) { m.ChangedOnly = true }, before, map[string]bool{"alice@x.org": true, "bob@x.org": true, "carl@x.org": true}},
		{"a dry run", func(m *run.Metadata) { m.DryRun = true }, before, nil},
		{"a damaged one", func(*run.Metadata) {}, damaged, map[string]bool{"alice@x.org": true, "carl@x.org": false}},
		{"a damaged one in a run for one", func(m *run.Metadata) { m.Username = "alice" }, damaged, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := maps.Clone(twoUsers)
			if tt.before != "" {
				b[snapshot.Key] = tt.before
			}
			e := event
			tt.change(&e.Run)
			_, err := summarize.Function{Reader: b, Writer: b, Now: time.Now}.Handle(t.Context(), e)
			require.NoError(t, err)
			if tt.want == nil {
				assert.Equal(t, tt.before, b[snapshot.Key])
				return
			}
			var got snapshot.Snapshot
			require.NoError(t, json.Unmarshal([]byte(b[snapshot.Key]), &got))
			access := map[string]bool{}
			for name, account := range got.Accounts {
				access[name] = account.HasAccess()
			}
			assert.Equal(t, tt.want, access)
			assert.Equal(t, "Unavailable", got.Accounts["carl@x.org"].Failed)
		})
	}
}

func TestHandleReturnsErrorOfTheSnapshot(t *testing.T) {
	t.Parallel()
	b := maps.Clone(twoUsers)
	_, err := summarize.Function{Reader: b, Writer: failingWriter{b, snapshot.Key}, Now: time.Now}.Handle(t.Context(), event)
	require.ErrorContains(t, err, "save what people have")
	assert.Equal(t, errkind.Unexpected, errkind.Of(err))
}
