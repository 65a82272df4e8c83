package sendfiles

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"

	"github.com/digipres/sync-users/infra/construct"
)

// metricsNamespace is where the functions publish metrics.
const metricsNamespace = "SyncUsers"

// listAlarms returns an alarm for each problem that neither the workflow nor
// construct.NewStatusRule can mail, or that the rule may have missed.
func listAlarms(settings *Settings, names *construct.Names, functions *functions, workflow *construct.Workflow, deadLetters awssqs.Queue) []construct.Alarm {
	alarms := []construct.Alarm{
		{
			Name: "not-started",
			Description: "A run that should have started did not, or the mail of a run's end was lost: its event is in the queue " +
				*names.Prefixed("undelivered") + ". The schedule sends what is there; without one start a run by hand. Then empty the queue.",
			Metric:    construct.QueueMetric(deadLetters, "ApproximateNumberOfMessagesVisible").Statistic(5, "Maximum"),
			Threshold: 1, Periods: 1,
		},
		{
			Name: "upload-lost",
			Description: "The event of an upload could neither start a run nor be put into the queue " + *names.Prefixed("undelivered") +
				". The schedule sends what is there; without one start a run by hand.",
			Metric:    construct.RuleMetric(names.Prefixed(uploadRule), "InvocationsFailedToBeSentToDlq").Statistic(5, "Sum"),
			Threshold: 1, Periods: 1,
		},
		{
			Name: "timed-out",
			Description: "A run timed out. The rule " + *names.StatusRule() + " mails which, unless its event got lost; " +
				"the list of executions shows it.",
			Metric:    construct.RunMetric(workflow, "ExecutionsTimedOut").Statistic(5, "Sum"),
			Threshold: 1, Periods: 1,
		},
		{
			Name: "aborted",
			Description: "A run was aborted. The rule " + *names.StatusRule() + " mails which, unless its event got lost; " +
				"the list of executions shows it.",
			Metric:    construct.RunMetric(workflow, "ExecutionsAborted").Statistic(5, "Sum"),
			Threshold: 1, Periods: 1,
		},
		{
			Name: "functions-throttled",
			Description: "For a quarter of an hour Lambda has refused invocations, because the account uses up its concurrency. " +
				"The run goes on, slowly. Ask for a higher quota, or lower maxConnections.",
			Metric:    construct.FunctionMetric(functions.sendFile, "Throttles").Statistic(5, "Sum"),
			Threshold: 1, Periods: 3,
		},
		{
			Name: "runs-throttled",
			Description: "For a quarter of an hour Step Functions has held runs back, because the account uses up its transitions. " +
				"The run goes on, slowly. Ask for a higher quota.",
			Metric:    construct.RunMetric(workflow, "ExecutionThrottled").Statistic(5, "Sum"),
			Threshold: 1, Periods: 3,
		},
	}
	if hours := settings.OldestUnsentHours; hours > 0 {
		alarms = append(alarms, construct.Alarm{
			Name: "oldest-unsent",
			Description: fmt.Sprintf("An object has waited for %d hours and is not sent. The mails and the report of the last run say why; "+
				"a run with {\"dryRun\":true} shows which objects wait.", hours),
			Metric:    names.OwnMetric(metricsNamespace, "OldestUnsentSeconds").Statistic(5, "Maximum"),
			Threshold: float64(hours * 3600), Periods: 1,
		})
	}
	if hours := settings.ExpectWithinHours; hours > 0 {
		alarms = append(alarms, construct.Alarm{
			Name:        "nothing-sent",
			Description: fmt.Sprintf("Nothing was sent for %d hours. Was nothing uploaded, or does no run start? A new installation says so until its first object.", hours),
			Metric:      names.OwnMetric(metricsNamespace, "FilesSent").Statistic(60, "Sum"),
			Threshold:   1, Periods: hours, Below: true,
		})
	}
	if hours := settings.StaleAfterHours; hours > 0 {
		alarms = append(alarms, construct.Alarm{
			Name:        "stale",
			Description: fmt.Sprintf("No run has listed the objects for %d hours, though the schedule is %s.", hours, settings.Schedule),
			Metric:      names.OwnMetric(metricsNamespace, "ObjectsWaiting").Statistic(60, "SampleCount"),
			Threshold:   1, Periods: hours, Below: true,
		})
	}
	return alarms
}
