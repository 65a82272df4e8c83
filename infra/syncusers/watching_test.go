package syncusers

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAlarms(t *testing.T) {
	t.Parallel()
	type condition struct {
		on                 string
		threshold, seconds float64
		periods            float64
		comparison         string
		missing            string
	}
	const reaches, below = "GreaterThanOrEqualToThreshold", "LessThanThreshold"
	want := map[string]condition{
		"sync-users-not-started":         {"AWS/SQS ApproximateNumberOfMessagesVisible ${Undelivered.QueueName}", 1, 300, 1, reaches, "notBreaching"},
		"sync-users-trigger-lost":        {"AWS/Events InvocationsFailedToBeSentToDlq sync-users-trigger", 1, 300, 1, reaches, "notBreaching"},
		"sync-users-sync-failing":        {"100 * failed / tried", 50, 300, 6, reaches, "notBreaching"},
		"sync-users-functions-throttled": {"AWS/Lambda Throttles ${SyncUserFunction}", 1, 300, 3, reaches, "notBreaching"},
		"sync-users-runs-throttled":      {"AWS/States ExecutionThrottled ${WorkflowStateMachine}", 1, 300, 3, reaches, "notBreaching"},
		"sync-users-children-throttled":  {"AWS/States ExecutionThrottled ${WorkflowStateMachine}/" + mapLabel, 1, 300, 3, reaches, "notBreaching"},
		"sync-users-timed-out":           {"AWS/States ExecutionsTimedOut ${WorkflowStateMachine}", 1, 300, 1, reaches, "notBreaching"},
		"sync-users-aborted":             {"AWS/States ExecutionsAborted ${WorkflowStateMachine}", 1, 300, 1, reaches, "notBreaching"},
		"sync-users-stale":               {"SyncUsers CompleteRuns sync-users", 1, 3600, 74, below, "breaching"},
	}
	have := map[string]condition{}
	for name, alarm := range variants.Template(t, "created").OfType("AWS::CloudWatch::Alarm") {
		assert.Equal(t, []any{"${Topic}"}, alarm.At("AlarmActions"), name)
		assert.Nil(t, alarm.At("OKActions"), "one mail an alarm")
		c := condition{
			threshold: alarm.At("Threshold").(float64), periods: alarm.At("EvaluationPeriods").(float64),
			comparison: alarm.At("ComparisonOperator").(string), missing: alarm.At("TreatMissingData").(string),
		}
		if metrics, ok := alarm.At("Metrics").([]any); ok {
			c.on = metrics[0].(map[string]any)["Expression"].(string)
			c.seconds = metrics[1].(map[string]any)["MetricStat"].(map[string]any)["Period"].(float64)
		} else {
			dimension := alarm.At("Dimensions").([]any)[0].(map[string]any)
			c.on = strings.Join([]string{alarm.At("Namespace").(string), alarm.At("MetricName").(string), dimension["Value"].(string)}, " ")
			c.seconds = alarm.At("Period").(float64)
		}
		have[alarm.At("AlarmName").(string)] = c
	}
	assert.Equal(t, want, have)
}

// Without a schedule nobody can say when a run is missing.
func TestNoStaleAlarmWithoutASchedule(t *testing.T) {
	t.Parallel()
	assert.NotContains(t, variants.Template(t, "small").OfType("AWS::CloudWatch::Alarm"), "Alarmsstale")
	assert.Contains(t, variants.Template(t, "large").OfType("AWS::CloudWatch::Alarm"), "Alarmsstale")
}

func TestQueries(t *testing.T) {
	t.Parallel()
	found := variants.Template(t, "small")
	names := []string{}
	for _, query := range found.OfType("AWS::Logs::QueryDefinition") {
		names = append(names, query.At("Name").(string))
		assert.Equal(t, []any{
			"/aws/lambda/sync-users-discover-users", "/aws/lambda/sync-users-sync-user", "/aws/lambda/sync-users-summarize-run",
			"/aws/lambda/sync-users-list-accounts",
		}, query.At("LogGroupNames"))
	}
	assert.ElementsMatch(t, []string{
		"sync-users/what happened to alice", "sync-users/what happened in RUN",
		"sync-users/who lost or gained access", "sync-users/latest failures",
	}, names)
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	found := variants.Template(t, "small")
	var body struct {
		Widgets []struct {
			Type                string
			X, Y, Width, Height int
			Properties          struct {
				Title, Markdown, Query string
				Metrics                [][]any
			}
		}
	}
	dashboard := found.Only(t, "AWS::CloudWatch::Dashboard")
	assert.Equal(t, "sync-users-${AWS::Region}", dashboard.At("DashboardName"), "two regions of an account can't have dashboards of one name")
	text := dashboard.At("DashboardBody").(string)
	require.NoError(t, json.Unmarshal([]byte(text), &body))

	titles, row, x := []string{}, 0, 0
	for _, widget := range body.Widgets {
		titles = append(titles, widget.Properties.Title)
		if widget.Y != row {
			row, x = widget.Y, 0
		}
		assert.Equal(t, x, widget.X, "widgets of a row stand side by side")
		x += widget.Width
		assert.LessOrEqual(t, x, construct.FullWidth)
		for _, metric := range widget.Properties.Metrics {
			assert.Contains(t, []any{"AWS/States", "AWS/Lambda", construct.Namespace}, metric[0])
			require.Len(t, metric, 5)
		}
	}
	assert.Equal(t, []string{
		"", "Runs by result", "People by outcome", "Duration of a run, in seconds",
		"Retries and SFTPGo's errors", "Syncing one person, in milliseconds", "Refused for want of capacity", "Latest failures",
	}, titles)
	throttled := constructtest.TextOf(t, body.Widgets[6].Properties.Metrics)
	assert.Contains(t, throttled, `"ExecutionThrottled","StateMachineArn","${WorkflowStateMachine}"`)
	assert.Contains(t, throttled, `"ExecutionThrottled","StateMachineArn","${WorkflowStateMachine}/users"`)
	assert.Contains(t, body.Widgets[0].Properties.Markdown, "#/statemachines/view/arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:sync-users)")
	for _, log := range found.OfType("AWS::Logs::LogGroup") {
		if name := log.At("LogGroupName").(string); strings.HasPrefix(name, "/aws/lambda/") {
			assert.Contains(t, body.Widgets[7].Properties.Query, "SOURCE '"+name+"' | ")
		}
	}
}

// deployedName finds the names of an installation's resources in a text.
var deployedName = regexp.MustCompile(`\bsync-users-[a-z]+(?:-[a-z]+)*`)

// The checks of the first day name resources that there are.
func TestFirstDayNamesWhatIsDeployed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/first-day.md")
	require.NoError(t, err)
	deployed := variants.Template(t, "created").Text
	names := deployedName.FindAllString(string(text), -1)
	assert.NotEmpty(t, names)
	for _, name := range names {
		assert.Contains(t, deployed, `"`+name+`"`)
	}
	for _, function := range []string{discoverUsers, sftpgoServer.function, summarizeRun} {
		assert.Contains(t, string(text), "/aws/lambda/sync-users-"+function)
	}
	assert.Contains(t, string(text), "$machine/"+mapLabel)
	for _, q := range queries {
		if strings.Contains(string(text), "sync-users/"+q.Name) {
			return
		}
	}
	assert.Fail(t, "no saved query is tried")
}
