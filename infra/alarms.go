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
)

// alarm mails when a value reaches the threshold in each of a number of its
// periods.
type alarm struct {
	name, text string
	value      awscloudwatch.IMetric
	threshold  float64
	periods    int
	// below turns it round: the alarm is on values less than the threshold, and
	// no value at all is one.
	below bool
}

// alarms are what neither the workflow nor NewEndings can mail: a run that never
// began, and trouble that lasts while a run goes on. The failure of one invocation
// is none of them, because the workflow retries it, or mails whom it failed for.
func alarms(settings *Settings, names *names, functions *Functions, workflow *Workflow, undelivered awssqs.Queue) []alarm {
	found := []alarm{
		{
			name: "not-started",
			text: "A run that should have started did not, or the mail of a run's end was lost: its event is in the queue " +
				*names.of("undelivered") + ". Upload TRIGGER again, or start a run by hand, then empty the queue.",
			value:     metric{"AWS/SQS", "ApproximateNumberOfMessagesVisible", jsii.String("QueueName"), undelivered.QueueName()}.over(5, "Maximum"),
			threshold: 1, periods: 1,
		},
		{
			name: "trigger-lost",
			text: "A TRIGGER could neither start a run nor be put into the queue " + *names.of("undelivered") +
				". Upload it again, or start a run by hand.",
			value:     metric{"AWS/Events", "InvocationsFailedToBeSentToDlq", jsii.String("RuleName"), names.of(triggerRule)}.over(5, "Sum"),
			threshold: 1, periods: 1,
		},
		{
			name: "sync-failing",
			text: "For half an hour every second attempt to sync a person, or more, has failed. The run goes on trying, and mails " +
				"who could not be synced when it ends. Is SFTPGo up?",
			value: awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
				Expression: jsii.String("100 * failed / tried"),
				UsingMetrics: &map[string]awscloudwatch.IMetric{
					"failed": functionMetric(functions.SyncUser, "Errors").over(5, "Sum"),
					"tried":  functionMetric(functions.SyncUser, "Invocations").over(5, "Sum"),
				},
				Period: awscdk.Duration_Minutes(jsii.Number(5)),
				Label:  jsii.String("failed attempts in percent"),
			}),
			threshold: 50, periods: 6,
		},
		{
			name: "functions-throttled",
			text: "For a quarter of an hour Lambda has refused invocations, because the account uses up its concurrency. " +
				"The run goes on, slowly. Ask for a higher quota, or lower maxConcurrency.",
			value:     functionMetric(functions.SyncUser, "Throttles").over(5, "Sum"),
			threshold: 1, periods: 3,
		},
		{
			name: "runs-throttled",
			text: "For a quarter of an hour Step Functions has held runs back, because the account uses up its transitions. " +
				"The run goes on, slowly. Ask for a higher quota, or lower maxConcurrency.",
			value:     runMetric(workflow, "ExecutionThrottled").over(5, "Sum"),
			threshold: 1, periods: 3,
		},
	}
	if hours := settings.Schedule.StaleAfterHours; hours > 0 {
		found = append(found, alarm{
			name: "stale",
			text: fmt.Sprintf("No run for everybody has come to its end for %d hours, though the schedule is %s. A new installation "+
				"says so until its first one has.", hours, settings.Schedule.Expression),
			// Not Step Functions' ExecutionsSucceeded: a run in which one person failed
			// has been mailed already, and one for a single person counts for nobody else.
			value:     ownMetric(names, "CompleteRuns").over(60, "Sum"),
			threshold: 1, periods: hours, below: true,
		})
	}
	return found
}

// NewAlarms makes the alarms, each of which publishes to the topic once when
// it begins.
func NewAlarms(scope constructs.Construct, names *names, topic awssns.Topic, alarms []alarm) {
	scope = constructs.NewConstruct(scope, jsii.String("Alarms"))
	for _, a := range alarms {
		comparison, missing := awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD, awscloudwatch.TreatMissingData_NOT_BREACHING
		if a.below {
			comparison, missing = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD, awscloudwatch.TreatMissingData_BREACHING
		}
		awscloudwatch.NewAlarm(scope, &a.name, &awscloudwatch.AlarmProps{
			AlarmName:          names.of(a.name),
			AlarmDescription:   &a.text,
			Metric:             a.value,
			Threshold:          &a.threshold,
			EvaluationPeriods:  jsii.Number(a.periods),
			ComparisonOperator: comparison,
			TreatMissingData:   missing,
		}).AddAlarmAction(awscloudwatchactions.NewSnsAction(topic))
	}
}
