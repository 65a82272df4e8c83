package fetchfiles

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"

	"github.com/digipres/sync-users/infra/construct"
)

// listAlarms returns an alarm for each problem that neither the workflow nor
// construct.NewStatusRule can mail, or that the rule may have missed.
func listAlarms(s *Settings, names *construct.Names, functions *functions, workflow *construct.Workflow, deadLetters awssqs.Queue) []construct.Alarm {
	alarms := append(construct.RunAlarms(names, construct.Watched{
		Workflow: workflow, Function: functions.fetchBatch, Undelivered: deadLetters, Status: "the list of executions", Concurrency: "maxConnections",
		Redo: "So are lost events of the connector. The next run fetches what this one has not. Then empty the queue.",
	}), []construct.Alarm{
		{
			Name: "events-failed",
			Description: "For a quarter of an hour, events of the connector could not be recorded, so runs wait in vain for listings. " +
				"The log of the function says why.",
			Metric:    construct.FunctionMetric(functions.recordEvent, "Errors").Statistic(5, "Sum"),
			Threshold: 1, Periods: 3,
		},
	}...)
	if hours := s.ExpectWithinHours; hours > 0 {
		alarms = append(alarms, construct.Alarm{
			Name:        "nothing-fetched",
			Description: fmt.Sprintf("No new file came for %d hours. Has the partner none, or does no run start? A new installation says so until its first file.", hours),
			Metric:      names.OwnMetric("FilesFetched").Statistic(60, "Sum"),
			Threshold:   1, Periods: hours, Below: true,
		})
	}
	if hours := s.StaleAfterHours; hours > 0 {
		alarms = append(alarms, construct.Alarm{
			Name:        "stale",
			Description: fmt.Sprintf("No run has come to its end for %d hours. Do runs start, fail, or hang? The list of executions shows it.", hours),
			Metric:      names.OwnMetric("CompleteRuns").Statistic(60, "Sum"),
			Threshold:   1, Periods: hours, Below: true,
		})
	}
	return alarms
}
