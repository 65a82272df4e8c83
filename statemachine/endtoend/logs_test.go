package endtoend

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The saved queries and the dashboard ask the logs, so a line has to be as
// CloudWatch finds its fields: it belongs to a run, and a field is one value.
func TestLogsAnswerTheQueries(t *testing.T) {
	keyless := person("keyless", devUsers)
	keyless.NoKeys = true
	newTown(t, person("alice", devUsers), keyless)

	e := start(t, `{}`)

	failed(t, e, wayOfSomeFailed)
	lines := logLines(t, e.name)
	for _, line := range lines {
		for name, value := range line {
			assert.False(t, isList(value) && name != "_aws", "%s is a list in %v", name, line)
		}
	}
	synced := theLine(t, lines, "user synced")
	assert.Equal(t, "alice", synced["username"])
	assert.Equal(t, "alice@example.org", synced["email"])
	assert.Equal(t, "updated", synced["outcome"])
	assert.Equal(t, "digipres-dev1-data digipres-dev1-managed", synced["added"])
	assert.Equal(t, "false", synced["dryRun"])
	lost := theLine(t, lines, "user failed")
	assert.Equal(t, "ERROR", lost["level"])
	assert.Equal(t, "keyless", lost["username"])
	assert.Equal(t, "failed", lost["outcome"])
	assert.Equal(t, "KeysMissing", lost["kind"])
	assert.Contains(t, lost["reason"], "/iam/access_key/keyless is missing")
	summarized := theLine(t, lines, "run summarized")
	assert.InDelta(t, 1, summarized["CompleteRuns"], 0)
	assert.InDelta(t, 1, summarized["Failed"], 0)

	one := start(t, `{"username":"alice"}`)
	assert.NotContains(t, theLine(t, logLines(t, one.name), "run summarized"), "CompleteRuns", "the others are not done")
}

// logLines are those of a run, in all of its functions.
func logLines(t *testing.T, execution string) []map[string]any {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(cloud.Logs, "lambda-*.log"))
	require.NoError(t, err)
	var found []map[string]any
	for _, log := range logs {
		text, err := os.ReadFile(log)
		require.NoError(t, err)
		for line := range bytes.Lines(text) {
			var fields map[string]any
			require.NoError(t, json.Unmarshal(line, &fields), string(line))
			if fields["execution"] == execution {
				found = append(found, fields)
			}
		}
	}
	return found
}

func theLine(t *testing.T, lines []map[string]any, message string) map[string]any {
	t.Helper()
	var found []map[string]any
	for _, line := range lines {
		if line["msg"] == message {
			found = append(found, line)
		}
	}
	require.Len(t, found, 1, message)
	return found[0]
}

func isList(value any) bool {
	_, list := value.([]any)
	return list
}
