package syncusers

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/construct"
)

// listAlarms returns an alarm for each problem that neither the workflow nor
// construct.NewStatusRule can mail, or that the rule may have missed: a run that did
// not start or did not end by itself, and errors that last while a run is in
// progress. The failure of one invocation has none, because the workflow retries it,
// or mails for which user it failed.
func listAlarms(settings *Settings, names *construct.Names, functions *functions, workflow *construct.Workflow, deadLetters awssqs.Queue) []construct.Alarm {
	alarms := append(construct.RunAlarms(names, construct.Watched{
		Workflow: workflow, Function: functions.syncUser, Undelivered: deadLetters, Status: "`sync-users status`", Concurrency: "maxConcurrency",
		Redo: "Upload TRIGGER again, or start a run by hand, then empty the queue.",
	}), []construct.Alarm{
		{
			Name: "trigger-lost",
			Description: "A TRIGGER could neither start a run nor be put into the queue " + *names.Prefixed("undelivered") +
				". Upload it again, or start a run by hand.",
			Metric:    construct.RuleMetric(names.Prefixed(triggerRule), "InvocationsFailedToBeSentToDlq").Statistic(5, "Sum"),
			Threshold: 1, Periods: 1,
		},
		{
			Name: "sync-failing",
			Description: "For half an hour every second attempt to sync a person, or more, has failed. The run goes on trying, and mails " +
				"who could not be synced when it ends. " + settings.server().hint,
			Metric: awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
				Expression: jsii.String("100 * failed / tried"),
				UsingMetrics: &map[string]awscloudwatch.IMetric{
					"failed": construct.FunctionMetric(functions.syncUser, "Errors").Statistic(5, "Sum"),
					"tried":  construct.FunctionMetric(functions.syncUser, "Invocations").Statistic(5, "Sum"),
				},
				Period: awscdk.Duration_Minutes(jsii.Number(5)),
				Label:  jsii.String("failed attempts in percent"),
			}),
			Threshold: 50, Periods: 6,
		},
		{
			Name: "children-throttled",
			Description: "For a quarter of an hour Step Functions has held back the executions of single people, because the account uses " +
				"up its transitions. The run goes on, slowly. Ask for a higher quota, or lower maxConcurrency.",
			Metric:    construct.ChildMetric(workflow, mapLabel, "ExecutionThrottled").Statistic(5, "Sum"),
			Threshold: 1, Periods: 3,
		},
	}...)
	if hours := settings.StaleAfterHours; hours > 0 {
		alarms = append(alarms, construct.Alarm{
			Name: "stale",
			Description: fmt.Sprintf("No run for everybody has come to its end for %d hours, though the schedule is %s. A new installation "+
				"says so until its first one has.", hours, settings.Schedule),
			// Not Step Functions' ExecutionsSucceeded: a run in which one user failed has
			// been mailed already, and a run for one user says nothing of the others.
			Metric:    names.OwnMetric("CompleteRuns").Statistic(60, "Sum"),
			Threshold: 1, Periods: hours, Below: true,
		})
	}
	return alarms
}
