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

// NewDashboard creates a page with the results of runs and users, durations,
// retries, and the latest failures.
func NewDashboard(scope constructs.Construct, names *names, functions *Functions, workflow *Workflow) {
	rows := [][]map[string]any{
		{textWidget(full, 3, links(names))},
		{
			graphWidget(names, third, "Runs by result", true,
				runMetric(workflow, "ExecutionsSucceeded").widgetLine("succeeded", "Sum"),
				runMetric(workflow, "ExecutionsFailed").widgetLine("failed", "Sum"),
				runMetric(workflow, "ExecutionsTimedOut").widgetLine("timed out", "Sum"),
				runMetric(workflow, "ExecutionsAborted").widgetLine("aborted", "Sum")),
			graphWidget(names, third, "People by outcome", true,
				ownMetric(names, "Updated").widgetLine("updated", "Sum"),
				ownMetric(names, "Unchanged").widgetLine("unchanged", "Sum"),
				ownMetric(names, "Revoked").widgetLine("revoked", "Sum"),
				ownMetric(names, "Skipped").widgetLine("skipped", "Sum"),
				ownMetric(names, "Failed").widgetLine("failed", "Sum")),
			graphWidget(names, third, "Duration of a run, in seconds", false,
				ownMetric(names, "DurationSeconds").widgetLine("longest", "Maximum"),
				ownMetric(names, "DurationSeconds").widgetLine("usual", "p50")),
		},
		{
			graphWidget(names, third, "Retries and SFTPGo's errors", false,
				ownMetric(names, "Retries").widgetLine("retries", "Sum"),
				ownMetric(names, "SFTPGoErrors").widgetLine("SFTPGo errors", "Sum")),
			graphWidget(names, third, "Syncing one person, in milliseconds", false,
				functionMetric(functions.SyncUser, "Duration").widgetLine("usual", "p50"),
				functionMetric(functions.SyncUser, "Duration").widgetLine("slowest of a hundred", "p99")),
			graphWidget(names, third, "Refused for want of capacity", false,
				functionMetric(functions.SyncUser, "Throttles").widgetLine("by Lambda", "Sum"),
				runMetric(workflow, "ExecutionThrottled").widgetLine("by Step Functions", "Sum")),
		},
		{tableWidget(names, full, "Latest failures", latestFailures, functions)},
	}
	awscloudwatch.NewCfnDashboard(scope, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: &names.prefix,
		DashboardBody: names.stack.ToJsonString(map[string]any{"widgets": layOut(rows)}, nil),
	})
}

// layOut places each row's widgets side by side, and the rows below each other.
func layOut(rows [][]map[string]any) []map[string]any {
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

func newWidget(kind string, width, height int, properties map[string]any) map[string]any {
	return map[string]any{"type": kind, "width": width, "height": height, "properties": properties}
}

func textWidget(width, height int, markdown string) map[string]any {
	return newWidget("text", width, height, map[string]any{"markdown": markdown})
}

func graphWidget(names *names, width int, title string, stacked bool, lines ...[]any) map[string]any {
	return newWidget("metric", width, 6, map[string]any{
		"title": title, "region": names.stack.Region(), "view": "timeSeries", "stacked": stacked,
		"period": 300, "metrics": lines,
	})
}

func tableWidget(names *names, width int, title string, q query, functions *Functions) map[string]any {
	var sources strings.Builder
	for _, function := range functions.list() {
		sources.WriteString("SOURCE '" + function.Log + "' | ")
	}
	return newWidget("log", width, 8, map[string]any{
		"title": title, "region": names.stack.Region(), "view": "table", "query": sources.String() + q.text,
	})
}

func links(names *names) string {
	return "# " + names.prefix + "\n" +
		"[Runs and their history](" + *names.consoleURL("states/home#/statemachines/view/" + *names.stateMachineARN()) + ") · " +
		"[Reports of runs](" + *names.consoleURL("s3/buckets/" + names.runsBucket) + ") · " +
		"[Alarms](" + *names.consoleURL("cloudwatch/home#alarmsV2:?search=" + names.prefix) + ") · " +
		"[Saved queries, like *what happened to alice*](" + *names.consoleURL("cloudwatch/home#logsV2:logs-insights") + ")"
}
