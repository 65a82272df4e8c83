package deployment

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/people"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// newTown has one person live in the account, for runs to be about.
func newTown(t *testing.T) {
	t.Helper()
	require.NoError(t, town.Empty(t.Context()))
	require.NoError(t, town.Add(t.Context(), people.Person{Username: "alice", Email: "alice@example.org", Groups: []string{"digipres-dev1-users"}}))
}

// ended is a run that has succeeded.
type ended struct {
	// atATime is how many people it synced at a time.
	atATime int
	// outcome is what became of alice.
	outcome run.Outcome
}

// trigger uploads TRIGGER, and waits until the run that it starts has succeeded.
func trigger(t *testing.T) ended {
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
	return ended{int(described.MaxConcurrency), outcome(t, *now.Name)}
}

// longRun starts a run that lasts until finish.
func longRun(t *testing.T) (finish func()) {
	t.Helper()
	lift := cloud.SFTPGo.Inject(sftpgo.Fault{Delay: 10 * time.Second})
	machines := sfn.NewFromConfig(cloud.AWS())
	started, err := machines.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &cloud.Outputs.StateMachineArn, Input: aws.String("{}")})
	require.NoError(t, err)
	return func() {
		lift()
		require.Eventually(t, func() bool {
			now, err := machines.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: started.ExecutionArn})
			return err == nil && now.Status != types.ExecutionStatusRunning
		}, time.Minute, 50*time.Millisecond)
	}
}

// outcome is what a run's report says of alice.
func outcome(t *testing.T, execution string) run.Outcome {
	t.Helper()
	got, err := s3.NewFromConfig(cloud.AWS()).GetObject(t.Context(), &s3.GetObjectInput{
		Bucket: &cloud.Outputs.RunsBucketName, Key: aws.String(run.ReportKey(execution)),
	})
	require.NoError(t, err)
	defer got.Body.Close()
	var report run.Report
	require.NoError(t, json.NewDecoder(got.Body).Decode(&report))
	require.Len(t, report.Results, 1)
	return report.Results[0].Outcome
}
