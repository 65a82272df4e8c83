// Package awsscheduler reads schedules of Amazon EventBridge Scheduler.
package awsscheduler

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

type schedulesClient interface {
	GetSchedule(context.Context, *scheduler.GetScheduleInput, ...func(*scheduler.Options)) (*scheduler.GetScheduleOutput, error)
}

// Expression returns the expression of a schedule of the default group, such as `rate(15
// minutes)`; "" if there is no such schedule. It returns Misconfigured if it is disabled.
func Expression(ctx context.Context, client schedulesClient, name string) (string, error) {
	schedule, err := client.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: &name})
	switch {
	case awsapi.Is(err, "ResourceNotFoundException"):
		return "", nil
	case err != nil:
		return "", awsapi.Classify(err)
	case schedule.State == types.ScheduleStateDisabled:
		return "", errkind.Errorf(errkind.Misconfigured, "the schedule %s is disabled", name)
	}
	return aws.ToString(schedule.ScheduleExpression), nil
}
