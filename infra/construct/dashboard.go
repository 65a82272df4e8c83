package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// FullWidth is the width of a dashboard. A graph takes a third.
const FullWidth = 24

// NewDashboard creates a page that begins with links to the rest of the console.
// Each of its rows has three graphs; below them is a table of what a query finds in
// the logs.
func NewDashboard(scope constructs.Construct, names *Names, graphs [][]awscloudwatch.IWidget, tableTitle, query string, logs []string) {
	widgets := []*[]awscloudwatch.IWidget{{awscloudwatch.NewTextWidget(&awscloudwatch.TextWidgetProps{
		Width: jsii.Number(FullWidth), Height: jsii.Number(3), Markdown: jsii.String(links(names)),
	})}}
	for _, row := range graphs {
		widgets = append(widgets, &row)
	}
	widgets = append(widgets, &[]awscloudwatch.IWidget{awscloudwatch.NewLogQueryWidget(&awscloudwatch.LogQueryWidgetProps{
		Width: jsii.Number(FullWidth), Height: jsii.Number(8), Title: &tableTitle,
		LogGroupNames: jsii.Strings(logs...), QueryString: &query,
	})})
	dashboard := awscloudwatch.NewDashboard(scope, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: names.Dashboard(),
		Widgets:       &widgets,
	})
	// Installations have it by this logical id.
	dashboard.Node().DefaultChild().(awscloudwatch.CfnDashboard).OverrideLogicalId(jsii.String("Dashboard"))
}

// Graph is a third of a row.
func Graph(title string, stacked bool, lines ...awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Width: jsii.Number(FullWidth / 3), Title: &title, Stacked: &stacked, Left: &lines,
	})
}

func links(names *Names) string {
	return "# " + names.Prefix + "\n" +
		"[Runs and their history](" + *names.ConsoleURL("states/home#/statemachines/view/" + *names.StateMachineARN()) + ") · " +
		"[Reports of runs](" + *names.ConsoleURL("s3/buckets/" + names.RunsBucket) + ") · " +
		"[Alarms](" + *names.ConsoleURL("cloudwatch/home#alarmsV2:?search=" + names.Prefix) + ") · " +
		"[Saved queries, like *what happened to alice*](" + *names.ConsoleURL("cloudwatch/home#logsV2:logs-insights") + ")"
}

// RunsGraph shows how runs ended.
func RunsGraph(workflow *Workflow) awscloudwatch.IWidget {
	return Graph("Runs by result", true,
		RunMetric(workflow, "ExecutionsSucceeded").Line("succeeded", "Sum"),
		RunMetric(workflow, "ExecutionsFailed").Line("failed", "Sum"),
		RunMetric(workflow, "ExecutionsTimedOut").Line("timed out", "Sum"),
		RunMetric(workflow, "ExecutionsAborted").Line("aborted", "Sum"))
}

// DurationGraph shows how long runs took.
func DurationGraph(names *Names) awscloudwatch.IWidget {
	duration := names.OwnMetric("DurationSeconds")
	return Graph("Duration of a run, in seconds", false, duration.Line("longest", "Maximum"), duration.Line("usual", "p50"))
}
