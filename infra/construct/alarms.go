package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Alarm is raised when a metric reaches the threshold in each of a number of its
// periods.
type Alarm struct {
	Name, Description string
	Metric            awscloudwatch.IMetric
	Threshold         float64
	Periods           int
	// Below raises it on values less than the threshold instead, or on none.
	Below bool
}

// Watched is what RunAlarms watches.
type Watched struct {
	Workflow *Workflow
	// Function is the one that is invoked for each item of a run.
	Function *Function
	// Undelivered is the dead-letter queue of events that start runs, or report their ends.
	Undelivered awssqs.Queue
	// Redo says what to do about a run that did not start, as a sentence.
	Redo string
	// Status is what lists runs, Concurrency the setting that limits how many items are
	// worked on at a time.
	Status, Concurrency string
}

// RunAlarms returns the alarms that every system has: an event that was not delivered; a
// run that timed out or was aborted, because the events by which NewStatusRule mails that are best effort
// (https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html),
// and runs that the account's quotas slow down.
func RunAlarms(names *Names, watched Watched) []Alarm {
	missed := ". The rule " + *names.StatusRule() + " mails which, unless its event got lost; " + watched.Status + " shows it."
	slowly := "The run goes on, slowly. Ask for a higher quota, or lower " + watched.Concurrency + "."
	return []Alarm{
		{
			Name: "not-started",
			Description: "A run that should have started did not, or the mail of a run's end was lost: its event is in the queue " +
				*names.Prefixed("undelivered") + ". " + watched.Redo,
			Metric:    QueueMetric(watched.Undelivered, "ApproximateNumberOfMessagesVisible").Statistic(5, "Maximum"),
			Threshold: 1, Periods: 1,
		},
		{
			Name:        "timed-out",
			Description: "A run timed out" + missed,
			Metric:      RunMetric(watched.Workflow, "ExecutionsTimedOut").Statistic(5, "Sum"),
			Threshold:   1, Periods: 1,
		},
		{
			Name:        "aborted",
			Description: "A run was aborted" + missed,
			Metric:      RunMetric(watched.Workflow, "ExecutionsAborted").Statistic(5, "Sum"),
			Threshold:   1, Periods: 1,
		},
		{
			Name: "functions-throttled",
			Description: "For a quarter of an hour Lambda has refused invocations, because the account uses up its concurrency. " +
				slowly,
			Metric:    FunctionMetric(watched.Function, "Throttles").Statistic(5, "Sum"),
			Threshold: 1, Periods: 3,
		},
		{
			Name: "runs-throttled",
			Description: "For a quarter of an hour Step Functions has held runs back, because the account uses up its transitions. " +
				slowly,
			Metric:    RunMetric(watched.Workflow, "ExecutionThrottled").Statistic(5, "Sum"),
			Threshold: 1, Periods: 3,
		},
	}
}

// NewAlarms creates the alarms, each of which publishes to the topic once when it
// is raised.
func NewAlarms(scope constructs.Construct, names *Names, topic awssns.Topic, alarms []Alarm) {
	scope = constructs.NewConstruct(scope, jsii.String("Alarms"))
	for _, a := range alarms {
		comparison, missing := awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD, awscloudwatch.TreatMissingData_NOT_BREACHING
		if a.Below {
			comparison, missing = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD, awscloudwatch.TreatMissingData_BREACHING
		}
		awscloudwatch.NewAlarm(scope, &a.Name, &awscloudwatch.AlarmProps{
			AlarmName:          names.Prefixed(a.Name),
			AlarmDescription:   &a.Description,
			Metric:             a.Metric,
			Threshold:          &a.Threshold,
			EvaluationPeriods:  jsii.Number(a.Periods),
			ComparisonOperator: comparison,
			TreatMissingData:   missing,
		}).AddAlarmAction(awscloudwatchactions.NewSnsAction(topic))
	}
}
