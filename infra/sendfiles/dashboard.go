package sendfiles

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"

	"github.com/digipres/sync-users/infra/construct"
)

// graphs are those of the dashboard: the results of runs and objects, what waits, durations
// and retries.
func graphs(names *construct.Names, functions *functions, workflow *construct.Workflow) [][]awscloudwatch.IWidget {
	own := func(name, label, statistic string) awscloudwatch.IMetric {
		return names.OwnMetric(name).Line(label, statistic)
	}
	return [][]awscloudwatch.IWidget{
		{
			construct.RunsGraph(workflow),
			construct.Graph("Files", true, own("FilesSent", "sent", "Sum"), own("ObjectsFailed", "failed", "Sum")),
			construct.Graph("Bytes sent", false, own("BytesSent", "bytes", "Sum")),
		},
		{
			construct.Graph("Objects that wait", false, own("ObjectsWaiting", "objects", "Maximum")),
			construct.Graph("Age of the oldest object, in seconds", false, own("OldestUnsentSeconds", "oldest", "Maximum")),
			construct.DurationGraph(names),
		},
		{
			construct.Graph("Retries", false, own("Retries", "retries", "Sum")),
			construct.Graph("Sending one object, in seconds", false, own("SendSeconds", "usual", "p50"), own("SendSeconds", "slowest of a hundred", "p99")),
			construct.Graph("Refused for want of capacity", false,
				construct.FunctionMetric(functions.sendFile, "Throttles").Line("by Lambda", "Sum"),
				construct.RunMetric(workflow, "ExecutionThrottled").Line("by Step Functions", "Sum"),
				construct.ChildMetric(workflow, mapLabel, "ExecutionThrottled").Line("by Step Functions, for one object", "Sum")),
		},
	}
}

// latestFailures finds runs and objects that failed for good. The dashboard shows it too.
var latestFailures = construct.Query{Name: "latest failures", Text: `fields @timestamp, execution, key, coalesce(reason, error) as why, kind
| filter outcome = "failed" or (level = "ERROR" and not ispresent(key))
| sort @timestamp desc
| limit 50`}

// queries are ready in the console, with `report.csv` and `RUN` to be replaced.
var queries = []construct.Query{
	{Name: "what happened to report.csv", Text: `fields @timestamp, execution, msg, key, outcome, coalesce(reason, error) as why, path, size, sha256
| filter key like "report.csv"
| sort @timestamp desc
| limit 100`},
	{Name: "what happened in RUN", Text: `fields @timestamp, level, msg, key, outcome, coalesce(reason, error) as why
| filter execution = "RUN"
| sort @timestamp asc
| limit 10000`},
	latestFailures,
}
