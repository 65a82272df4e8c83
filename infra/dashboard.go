package main

import (
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
	dashboard := awscloudwatch.NewDashboard(scope, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: names.dashboard(),
		Widgets: &[]*[]awscloudwatch.IWidget{
			{awscloudwatch.NewTextWidget(&awscloudwatch.TextWidgetProps{
				Width: jsii.Number(full), Height: jsii.Number(3), Markdown: jsii.String(links(names)),
			})},
			{
				graph("Runs by result", true,
					runMetric(workflow, "ExecutionsSucceeded").line("succeeded", "Sum"),
					runMetric(workflow, "ExecutionsFailed").line("failed", "Sum"),
					runMetric(workflow, "ExecutionsTimedOut").line("timed out", "Sum"),
					runMetric(workflow, "ExecutionsAborted").line("aborted", "Sum")),
				graph("People by outcome", true,
					ownMetric(names, "Updated").line("updated", "Sum"),
					ownMetric(names, "Unchanged").line("unchanged", "Sum"),
					ownMetric(names, "Revoked").line("revoked", "Sum"),
					ownMetric(names, "Skipped").line("skipped", "Sum"),
					ownMetric(names, "Failed").line("failed", "Sum")),
				graph("Duration of a run, in seconds", false,
					ownMetric(names, "DurationSeconds").line("longest", "Maximum"),
					ownMetric(names, "DurationSeconds").line("usual", "p50")),
			},
			{
				graph("Retries and SFTPGo's errors", false,
					ownMetric(names, "Retries").line("retries", "Sum"),
					ownMetric(names, "SFTPGoErrors").line("SFTPGo errors", "Sum")),
				graph("Syncing one person, in milliseconds", false,
					functionMetric(functions.SyncUser, "Duration").line("usual", "p50"),
					functionMetric(functions.SyncUser, "Duration").line("slowest of a hundred", "p99")),
				graph("Refused for want of capacity", false,
					functionMetric(functions.SyncUser, "Throttles").line("by Lambda", "Sum"),
					runMetric(workflow, "ExecutionThrottled").line("by Step Functions", "Sum"),
					childMetric(workflow, "ExecutionThrottled").line("by Step Functions, for one person", "Sum")),
			},
			{awscloudwatch.NewLogQueryWidget(&awscloudwatch.LogQueryWidgetProps{
				Width: jsii.Number(full), Height: jsii.Number(8), Title: jsii.String("Latest failures"),
				LogGroupNames: functions.logs(), QueryString: &latestFailures.text,
			})},
		},
	})
	// Installations have it by this logical id.
	dashboard.Node().DefaultChild().(awscloudwatch.CfnDashboard).OverrideLogicalId(jsii.String("Dashboard"))
}

func graph(title string, stacked bool, lines ...awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Width: jsii.Number(third), Title: &title, Stacked: &stacked, Left: &lines,
	})
}

func links(names *names) string {
	return "# " + names.prefix + "\n" +
		"[Runs and their history](" + *names.consoleURL("states/home#/statemachines/view/" + *names.stateMachineARN()) + ") · " +
		"[Reports of runs](" + *names.consoleURL("s3/buckets/" + names.runsBucket) + ") · " +
		"[Alarms](" + *names.consoleURL("cloudwatch/home#alarmsV2:?search=" + names.prefix) + ") · " +
		"[Saved queries, like *what happened to alice*](" + *names.consoleURL("cloudwatch/home#logsV2:logs-insights") + ")"
}
