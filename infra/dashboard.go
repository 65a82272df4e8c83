package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// The width of a dashboard is 24.
const (
	full  = 24
	third = 8
)

// NewDashboard makes the one page that says how the runs are, whom they
// touched, how long they took, and what failed lately.
func NewDashboard(scope constructs.Construct, names *names, functions *Functions, workflow *Workflow) {
	rows := [][]map[string]any{
		{text(full, 3, links(names))},
		{
			graph(names, third, "Runs by result", true,
				runMetric(workflow, "ExecutionsSucceeded").line("succeeded", "Sum"),
				runMetric(workflow, "ExecutionsFailed").line("failed", "Sum"),
				runMetric(workflow, "ExecutionsTimedOut").line("timed out", "Sum"),
				runMetric(workflow, "ExecutionsAborted").line("aborted", "Sum")),
			graph(names, third, "People by outcome", true,
				ownMetric(names, "Updated").line("updated", "Sum"),
				ownMetric(names, "Unchanged").line("unchanged", "Sum"),
				ownMetric(names, "Revoked").line("revoked", "Sum"),
				ownMetric(names, "Skipped").line("skipped", "Sum"),
				ownMetric(names, "Failed").line("failed", "Sum")),
			graph(names, third, "Duration of a run, in seconds", false,
				ownMetric(names, "DurationSeconds").line("longest", "Maximum"),
				ownMetric(names, "DurationSeconds").line("usual", "p50")),
		},
		{
			graph(names, third, "Retries and SFTPGo's errors", false,
				ownMetric(names, "Retries").line("retries", "Sum"),
				ownMetric(names, "SFTPGoErrors").line("SFTPGo errors", "Sum")),
			graph(names, third, "Syncing one person, in milliseconds", false,
				functionMetric(functions.SyncUser, "Duration").line("usual", "p50"),
				functionMetric(functions.SyncUser, "Duration").line("slowest of a hundred", "p99")),
			graph(names, third, "Refused for want of capacity", false,
				functionMetric(functions.SyncUser, "Throttles").line("by Lambda", "Sum"),
				runMetric(workflow, "ExecutionThrottled").line("by Step Functions", "Sum")),
		},
		{table(names, full, "Latest failures", latestFailures, functions)},
	}
	awscloudwatch.NewCfnDashboard(scope, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: &names.prefix,
		DashboardBody: names.stack.ToJsonString(map[string]any{"widgets": laidOut(rows)}, nil),
	})
}

// laidOut puts each row's widgets side by side, and the rows below each other.
func laidOut(rows [][]map[string]any) []map[string]any {
	var widgets []map[string]any
	y := 0
	for _, row := range rows {
		x := 0
		for _, widget := range row {
			widget["x"], widget["y"] = x, y
			x += widget["width"].(int)
			widgets = append(widgets, widget)
		}
		y += row[0]["height"].(int)
	}
	return widgets
}

func widget(kind string, width, height int, properties map[string]any) map[string]any {
	return map[string]any{"type": kind, "width": width, "height": height, "properties": properties}
}

func text(width, height int, markdown string) map[string]any {
	return widget("text", width, height, map[string]any{"markdown": markdown})
}

func graph(names *names, width int, title string, stacked bool, lines ...[]any) map[string]any {
	return widget("metric", width, 6, map[string]any{
		"title": title, "region": names.stack.Region(), "view": "timeSeries", "stacked": stacked,
		"period": 300, "metrics": lines,
	})
}

func table(names *names, width int, title string, q query, functions *Functions) map[string]any {
	var sources strings.Builder
	for _, function := range functions.all() {
		sources.WriteString("SOURCE '" + function.Log + "' | ")
	}
	return widget("log", width, 8, map[string]any{
		"title": title, "region": names.stack.Region(), "view": "table", "query": sources.String() + q.text,
	})
}

func links(names *names) string {
	return "# " + names.prefix + "\n" +
		"[Runs and their history](" + *consoleURL(names, "states/home#/statemachines/view/"+*names.stateMachine()) + ") · " +
		"[Reports of runs](" + *consoleURL(names, "s3/buckets/"+names.runsBucket) + ") · " +
		"[Alarms](" + *consoleURL(names, "cloudwatch/home#alarmsV2:?search="+names.prefix) + ") · " +
		"[Saved queries, like *what happened to alice*](" + *consoleURL(names, "cloudwatch/home#logsV2:logs-insights") + ")"
}
