package deployment

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/run"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/people"
)

// somebody has one person move in, for runs to be about.
func somebody(t *testing.T) {
	t.Helper()
	town := people.NewTown(cloud.AWS(), people.NewSFTPGo(cloud.SFTPGo.Direct(), cloud.SFTPGoUsername, cloud.SFTPGoPassword))
	require.NoError(t, town.Add(t.Context(), people.Person{Username: "alice", Email: "alice@example.org", Groups: []string{"digipres-dev1-users"}}))
}

// trigger uploads TRIGGER, waits until the run that it starts has succeeded, and
// tells how many people that synced at a time.
func trigger(t *testing.T) int {
	t.Helper()
	machines := sfn.NewFromConfig(cloud.AWS())
	newest := func() *types.ExecutionListItem {
		listed, err := machines.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: &cloud.Outputs.StateMachineArn, MaxResults: 1})
		require.NoError(t, err)
		if len(listed.Executions) == 0 {
			return &types.ExecutionListItem{}
		}
		return &listed.Executions[0]
	}
	before := newest()
	_, err := s3.NewFromConfig(cloud.AWS()).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(local.ManagedBucket), Key: aws.String(run.TriggerKey), Body: strings.NewReader(""),
	})
	require.NoError(t, err)

	var now *types.ExecutionListItem
	require.Eventually(t, func() bool {
		now = newest()
		return aws.ToString(now.ExecutionArn) != aws.ToString(before.ExecutionArn) && now.Status != types.ExecutionStatusRunning
	}, time.Minute, 50*time.Millisecond)
	require.Equal(t, types.ExecutionStatusSucceeded, now.Status)
	runs, err := machines.ListMapRuns(t.Context(), &sfn.ListMapRunsInput{ExecutionArn: now.ExecutionArn})
	require.NoError(t, err)
	require.Len(t, runs.MapRuns, 1)
	described, err := machines.DescribeMapRun(t.Context(), &sfn.DescribeMapRunInput{MapRunArn: runs.MapRuns[0].MapRunArn})
	require.NoError(t, err)
	return int(described.MaxConcurrency)
}
