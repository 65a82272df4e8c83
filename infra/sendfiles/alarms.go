package sendfiles

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"

	"github.com/digipres/sync-users/infra/construct"
)

// listAlarms returns an alarm for each problem that neither the workflow nor
// construct.NewStatusRule can mail, or that the rule may have missed.
func listAlarms(settings *Settings, names *construct.Names, functions *functions, workflow *construct.Workflow, deadLetters awssqs.Queue) []construct.Alarm {
	alarms := append(construct.RunAlarms(names, construct.Watched{
		Workflow: workflow, Function: functions.sendFile, Undelivered: deadLetters, Status: "`sync-files send status`", Concurrency: "maxConnections",
		Redo: "The schedule sends what is there; without one start a run by hand. Then empty the queue.",
	}), []construct.Alarm{
		{
			Name: "upload-lost",
			Description: "The event of an upload could neither start a run nor be put into the queue " + *names.Prefixed("undelivered") +
				". The schedule sends what is there; without one start a run by hand.",
			Metric:    construct.RuleMetric(names.Prefixed(uploadRule), "InvocationsFailedToBeSentToDlq").Statistic(5, "Sum"),
			Threshold: 1, Periods: 1,
		},
	}...)
	if hours := settings.OldestUnsentHours; hours > 0 {
		alarms = append(alarms, construct.Alarm{
			Name: "oldest-unsent",
			Description: fmt.Sprintf("An object has waited for %d hours and is not sent. The mails and the report of the last run say why; "+
				"`sync-files send plan` shows which objects wait.", hours),
			Metric:    names.OwnMetric("OldestUnsentSeconds").Statistic(5, "Maximum"),
			Threshold: float64(hours * 3600), Periods: 1,
		})
	}
	if hours := settings.ExpectWithinHours; hours > 0 {
		alarms = append(alarms, construct.Alarm{
			Name:        "nothing-sent",
			Description: fmt.Sprintf("Nothing was sent for %d hours. Was nothing uploaded, or does no run start? A new installation says so until its first object.", hours),
			Metric:      names.OwnMetric("FilesSent").Statistic(60, "Sum"),
			Threshold:   1, Periods: hours, Below: true,
		})
	}
	if hours := settings.StaleAfterHours; hours > 0 {
		alarms = append(alarms, construct.Alarm{
			Name:        "stale",
			Description: fmt.Sprintf("No run has listed the objects for %d hours, though the schedule is %s.", hours, settings.Schedule),
			Metric:      names.OwnMetric("ObjectsWaiting").Statistic(60, "SampleCount"),
			Threshold:   1, Periods: hours, Below: true,
		})
	}
	return alarms
}
