package endtoend

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The saved queries and the dashboard read fields of the logs, so each line names
// its run, and each field is one value.
func TestLogsHaveTheFieldsOfQueriesAndDashboard(t *testing.T) {
	keyless := newUser("keyless", devUsers)
	keyless.NoKeys = true
	resetFixtures(t, newUser("alice", devUsers), keyless)

	e := startRun(t, `{}`)

	requireFailed(t, e, pathUsersFailed)
	lines := logLines(t, e.name)
	for _, line := range lines {
		for name, value := range line {
			assert.False(t, isList(value) && name != "_aws", "%s is a list in %v", name, line)
		}
	}
	synced := onlyLine(t, lines, "user synced")
	assert.Equal(t, "alice", synced["username"])
	assert.Equal(t, "alice@example.org", synced["email"])
	assert.Equal(t, "updated", synced["outcome"])
	assert.Equal(t, "digipres-dev1-data digipres-dev1-managed", synced["added"])
	assert.Equal(t, "false", synced["dryRun"])
	failure := onlyLine(t, lines, "user failed")
	assert.Equal(t, "ERROR", failure["level"])
	assert.Equal(t, "keyless", failure["username"])
	assert.Equal(t, "failed", failure["outcome"])
	assert.Equal(t, "KeysMissing", failure["kind"])
	assert.Contains(t, failure["reason"], "/iam/access_key/keyless is missing")
	summarized := onlyLine(t, lines, "run summarized")
	assert.InDelta(t, 1, summarized["CompleteRuns"], 0)
	assert.InDelta(t, 1, summarized["Failed"], 0)

	counted := map[string]bool{}
	for _, line := range lines {
		maps.Copy(counted, countedMetrics(t, line))
	}
	shown := dashboardMetrics(t)
	assert.NotEmpty(t, shown)
	for _, metric := range shown {
		assert.True(t, counted[metric], "%s is on the dashboard, and in no log", metric)
	}

	one := startRun(t, `{"username":"alice"}`)
	assert.NotContains(t, onlyLine(t, logLines(t, one.name), "run summarized"), "CompleteRuns", "a run of one user is not complete")
}

// countedMetrics returns the metrics that a line counts for this installation.
func countedMetrics(t *testing.T, line map[string]any) map[string]bool {
	t.Helper()
	var embedded struct {
		StateMachine string
		AWS          struct {
			CloudWatchMetrics []struct {
				Namespace string
				Metrics   []struct{ Name string }
			}
		} `json:"_aws"`
	}
	text, err := json.Marshal(line)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &embedded))
	counted := map[string]bool{}
	for _, directive := range embedded.AWS.CloudWatchMetrics {
		for _, metric := range directive.Metrics {
			assert.IsType(t, 0.0, line[metric.Name], metric.Name)
			counted[directive.Namespace+" "+metric.Name+" "+embedded.StateMachine] = true
		}
	}
	return counted
}

// dashboardMetrics returns the workflow's own metrics that the dashboard shows.
func dashboardMetrics(t *testing.T) []string {
	t.Helper()
	template, err := os.ReadFile(cloud.Template)
	require.NoError(t, err)
	var shown []string
	for _, m := range regexp.MustCompile(`\[\\"(SyncUsers)\\",\\"(\w+)\\",\\"StateMachine\\",\\"([\w-]+)\\"`).FindAllStringSubmatch(string(template), -1) {
		shown = append(shown, strings.Join(m[1:], " "))
	}
	return shown
}

// logLines returns the lines of a run in the logs of all functions.
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

func onlyLine(t *testing.T, lines []map[string]any, message string) map[string]any {
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
