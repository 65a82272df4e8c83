package awscloudwatch

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/alarm"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeAlarms has one alarm a page.
type fakeAlarms []types.MetricAlarm

func (f fakeAlarms) DescribeAlarms(_ context.Context, input *cloudwatch.DescribeAlarmsInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error) {
	if *input.AlarmNamePrefix != "send-files-" {
		return nil, &smithy.GenericAPIError{Code: "AccessDenied"}
	}
	n := len(aws.ToString(input.NextToken))
	output := &cloudwatch.DescribeAlarmsOutput{MetricAlarms: f[n : n+1]}
	if n+1 < len(f) {
		output.NextToken = aws.String("xxxxxxxx"[:n+1])
	}
	return output, nil
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	got, err := Alarms(t.Context(), fakeAlarms{
		{AlarmName: aws.String("send-files-aborted"), StateValue: types.StateValueOk, StateUpdatedTimestamp: &noon},
		{AlarmName: aws.String("send-files-oldest-unsent"), StateValue: types.StateValueAlarm, StateUpdatedTimestamp: &noon, AlarmDescription: aws.String("An object has waited.")},
	}, "send-files")
	require.NoError(t, err)
	assert.Equal(t, []alarm.Alarm{
		{Name: "aborted", State: alarm.OK, Since: noon},
		{Name: "oldest-unsent", State: alarm.Raised, Since: noon, Description: "An object has waited."},
	}, got)
	_, err = Alarms(t.Context(), fakeAlarms{}, "other")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
}
