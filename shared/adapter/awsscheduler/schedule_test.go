package awsscheduler

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeSchedules has the state of schedules by name.
type fakeSchedules map[string]types.ScheduleState

var _ schedulesClient = fakeSchedules(nil)

func (f fakeSchedules) GetSchedule(_ context.Context, input *scheduler.GetScheduleInput, _ ...func(*scheduler.Options)) (*scheduler.GetScheduleOutput, error) {
	state, ok := f[*input.Name]
	if !ok {
		return nil, &types.ResourceNotFoundException{}
	}
	return &scheduler.GetScheduleOutput{State: state, ScheduleExpression: aws.String("rate(15 minutes)")}, nil
}

func TestExpression(t *testing.T) {
	t.Parallel()
	schedules := fakeSchedules{"on": types.ScheduleStateEnabled, "off": types.ScheduleStateDisabled}
	got, err := Expression(t.Context(), schedules, "on")
	require.NoError(t, err)
	assert.Equal(t, "rate(15 minutes)", got)
	got, err = Expression(t.Context(), schedules, "absent")
	require.NoError(t, err)
	assert.Empty(t, got)
	_, err = Expression(t.Context(), schedules, "off")
	assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
	assert.ErrorContains(t, err, "the schedule off is disabled")
}
