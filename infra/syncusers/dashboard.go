package syncusers

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"

	"github.com/digipres/sync-users/infra/construct"
)

// graphs are those of the dashboard: the results of runs and users, durations and
// retries.
func graphs(server server, names *construct.Names, functions *functions, workflow *construct.Workflow) [][]awscloudwatch.IWidget {
	return [][]awscloudwatch.IWidget{
		{
			construct.RunsGraph(workflow),
			construct.Graph("People by outcome", true,
				names.OwnMetric("Updated").Line("updated", "Sum"),
				names.OwnMetric("Unchanged").Line("unchanged", "Sum"),
				names.OwnMetric("Revoked").Line("revoked", "Sum"),
				names.OwnMetric("Skipped").Line("skipped", "Sum"),
				names.OwnMetric("Failed").Line("failed", "Sum")),
			construct.DurationGraph(names),
		},
		{
			construct.Graph("Retries and "+server.name+"'s errors", false,
				names.OwnMetric("Retries").Line("retries", "Sum"),
				names.OwnMetric(server.errors).Line(server.name+" errors", "Sum")),
			construct.Graph("Syncing one person, in milliseconds", false,
				construct.FunctionMetric(functions.syncUser, "Duration").Line("usual", "p50"),
				construct.FunctionMetric(functions.syncUser, "Duration").Line("slowest of a hundred", "p99")),
			construct.Graph("Refused for want of capacity", false,
				construct.FunctionMetric(functions.syncUser, "Throttles").Line("by Lambda", "Sum"),
				construct.RunMetric(workflow, "ExecutionThrottled").Line("by Step Functions", "Sum"),
				construct.ChildMetric(workflow, mapLabel, "ExecutionThrottled").Line("by Step Functions, for one person", "Sum")),
		},
	}
}
