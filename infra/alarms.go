package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// alarm is raised when a metric reaches the threshold in each of a number of its
// periods.
type alarm struct {
	name, description string
	metric            awscloudwatch.IMetric
	threshold         float64
	periods           int
	// below raises it on values less than the threshold instead, or on none.
	below bool
}

// listAlarms returns an alarm for each problem that neither the workflow nor
// NewStatusRule can mail, or that the rule may have missed: a run that did not start
// or did not end by itself, and errors that last while a run is in progress. The
// failure of one invocation has none, because the workflow retries it, or mails for
// which user it failed.
func listAlarms(settings *settings.SyncUsers, names *names, functions *Functions, workflow *Workflow, deadLetters awssqs.Queue) []alarm {
	alarms := []alarm{
		{
			name: "not-started",
			description: "A run that should have started did not, or the mail of a run's end was lost: its event is in the queue " +
				*names.prefixed("undelivered") + ". Upload TRIGGER again, or start a run by hand, then empty the queue.",
			metric:    metric{"AWS/SQS", "ApproximateNumberOfMessagesVisible", jsii.String("QueueName"), deadLetters.QueueName()}.statistic(5, "Maximum"),
			threshold: 1, periods: 1,
		},
		{
			name: "trigger-lost",
			description: "A TRIGGER could neither start a run nor be put into the queue " + *names.prefixed("undelivered") +
				". Upload it again, or start a run by hand.",
			metric:    metric{"AWS/Events", "InvocationsFailedToBeSentToDlq", jsii.String("RuleName"), names.prefixed(triggerRule)}.statistic(5, "Sum"),
			threshold: 1, periods: 1,
		},
		// The rule names the run, but its events are best effort
		// (https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html).
		{
			name: "timed-out",
			description: "A run timed out. The rule " + *names.prefixed(statusRule) + " mails which, unless its event got lost; " +
				"`sync-users status` shows it.",
			metric:    runMetric(workflow, "ExecutionsTimedOut").statistic(5, "Sum"),
			threshold: 1, periods: 1,
		},
		{
			name: "aborted",
			description: "A run was aborted. The rule " + *names.prefixed(statusRule) + " mails which, unless its event got lost; " +
				"`sync-users status` shows it.",
			metric:    runMetric(workflow, "ExecutionsAborted").statistic(5, "Sum"),
			threshold: 1, periods: 1,
		},
		{
			name: "sync-failing",
			description: "For half an hour every second attempt to sync a person, or more, has failed. The run goes on trying, and mails " +
				"who could not be synced when it ends. Is SFTPGo up?",
			metric: awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
				Expression: jsii.String("100 * failed / tried"),
				UsingMetrics: &map[string]awscloudwatch.IMetric{
					"failed": functionMetric(functions.SyncUser, "Errors").statistic(5, "Sum"),
					"tried":  functionMetric(functions.SyncUser, "Invocations").statistic(5, "Sum"),
				},
				Period: awscdk.Duration_Minutes(jsii.Number(5)),
				Label:  jsii.String("failed attempts in percent"),
			}),
			threshold: 50, periods: 6,
		},
		{
			name: "functions-throttled",
			description: "For a quarter of an hour Lambda has refused invocations, because the account uses up its concurrency. " +
				"The run goes on, slowly. Ask for a higher quota, or lower maxConcurrency.",
			metric:    functionMetric(functions.SyncUser, "Throttles").statistic(5, "Sum"),
			threshold: 1, periods: 3,
		},
		{
			name: "runs-throttled",
			description: "For a quarter of an hour Step Functions has held runs back, because the account uses up its transitions. " +
				"The run goes on, slowly. Ask for a higher quota, or lower maxConcurrency.",
			metric:    runMetric(workflow, "ExecutionThrottled").statistic(5, "Sum"),
			threshold: 1, periods: 3,
		},
		{
			name: "children-throttled",
			description: "For a quarter of an hour Step Functions has held back the executions of single people, because the account uses " +
				"up its transitions. The run goes on, slowly. Ask for a higher quota, or lower maxConcurrency.",
			metric:    childMetric(workflow, "ExecutionThrottled").statistic(5, "Sum"),
			threshold: 1, periods: 3,
		},
	}
	if hours := settings.StaleAfterHours; hours > 0 {
		alarms = append(alarms, alarm{
			name: "stale",
			description: fmt.Sprintf("No run for everybody has come to its end for %d hours, though the schedule is %s. A new installation "+
				"says so until its first one has.", hours, settings.Schedule),
			// Not Step Functions' ExecutionsSucceeded: a run in which one user failed has
			// been mailed already, and a run for one user says nothing of the others.
			metric:    ownMetric(names, "CompleteRuns").statistic(60, "Sum"),
			threshold: 1, periods: hours, below: true,
		})
	}
	return alarms
}

// NewAlarms creates the alarms, each of which publishes to the topic once when it
// is raised.
func NewAlarms(scope constructs.Construct, names *names, topic awssns.Topic, alarms []alarm) {
	scope = constructs.NewConstruct(scope, jsii.String("Alarms"))
	for _, a := range alarms {
		comparison, missing := awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD, awscloudwatch.TreatMissingData_NOT_BREACHING
		if a.below {
			comparison, missing = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD, awscloudwatch.TreatMissingData_BREACHING
		}
		awscloudwatch.NewAlarm(scope, &a.name, &awscloudwatch.AlarmProps{
			AlarmName:          names.prefixed(a.name),
			AlarmDescription:   &a.description,
			Metric:             a.metric,
			Threshold:          &a.threshold,
			EvaluationPeriods:  jsii.Number(a.periods),
			ComparisonOperator: comparison,
			TreatMissingData:   missing,
		}).AddAlarmAction(awscloudwatchactions.NewSnsAction(topic))
	}
}
