package fetchfiles

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"

	"github.com/digipres/sync-users/infra/construct"
)

// graphs are those of the dashboard: the results of runs and files, what waits, durations and
// retries.
func graphs(names *construct.Names, functions *functions, workflow *construct.Workflow) [][]awscloudwatch.IWidget {
	own := func(name, label, statistic string) awscloudwatch.IMetric {
		return names.OwnMetric(name).Line(label, statistic)
	}
	return [][]awscloudwatch.IWidget{
		{
			construct.RunsGraph(workflow),
			construct.Graph("Files", true, own("FilesFetched", "fetched", "Sum"), own("FilesFailed", "failed", "Sum")),
			construct.Graph("Bytes fetched", false, own("BytesFetched", "bytes", "Sum")),
		},
		{
			construct.Graph("Files that wait", false, own("FilesWaiting", "files", "Maximum")),
			construct.Graph("Folders that failed", false, own("FoldersFailed", "folders", "Sum")),
			construct.DurationGraph(names),
		},
		{
			construct.Graph("Events of the connector", false,
				construct.FunctionMetric(functions.recordEvent, "Invocations").Line("recorded", "Sum"),
				construct.FunctionMetric(functions.recordEvent, "Errors").Line("failed", "Sum")),
			construct.Graph("One invocation, in milliseconds", false,
				construct.FunctionMetric(functions.listFolder, "Duration").Line("list-folder", "p99"),
				construct.FunctionMetric(functions.fetchBatch, "Duration").Line("fetch-batch", "p99")),
			construct.Graph("Refused for want of capacity", false,
				construct.FunctionMetric(functions.fetchBatch, "Throttles").Line("by Lambda", "Sum"),
				construct.RunMetric(workflow, "ExecutionThrottled").Line("by Step Functions", "Sum")),
		},
	}
}

// latestFailures finds runs, folders and files that failed for good. The dashboard shows it
// too.
var latestFailures = construct.Query{Name: "latest failures", Text: `fields @timestamp, execution, path, coalesce(reason, error) as why, kind
| filter level = "ERROR"
| sort @timestamp desc
| limit 50`}

// queries are ready in the console, with `report.csv` and `RUN` to be replaced.
var queries = []construct.Query{
	{Name: "what happened to report.csv", Text: `fields @timestamp, execution, msg, path, outcome, coalesce(reason, error) as why
| filter path like "report.csv"
| sort @timestamp desc
| limit 100`},
	{Name: "what happened in RUN", Text: `fields @timestamp, level, msg, path, outcome, coalesce(reason, error) as why
| filter execution = "RUN"
| sort @timestamp asc
| limit 10000`},
	latestFailures,
}
