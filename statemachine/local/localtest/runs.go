package localtest

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
)

// The longest that anything may take to happen, and how often tests look.
const (
	Timeout  = 4 * time.Minute
	Interval = 50 * time.Millisecond
)

// Upload uploads an empty object into the managed bucket of the first system.
func Upload(t testing.TB, cloud *local.Cloud, key string) {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &cloud.Outputs.ManagedBucketName, Key: &key, Body: strings.NewReader(""),
	})
	require.NoError(t, err)
}

// StartRun starts an execution of the first system and returns its ARN.
func StartRun(t testing.TB, cloud *local.Cloud, input string) string {
	t.Helper()
	started, err := sfn.NewFromConfig(cloud.AWS()).StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: &cloud.Outputs.StateMachineArn, Input: &input,
	})
	require.NoError(t, err)
	return *started.ExecutionArn
}

// TriggerRuns uploads TRIGGER n times, waits until as many executions have
// started, and returns their ARNs.
func TriggerRuns(t testing.TB, cloud *local.Cloud, n int) []string {
	t.Helper()
	before := Executions(t, cloud)
	for range n {
		Upload(t, cloud, run.TriggerKey)
	}
	var started []string
	require.Eventually(t, func() bool {
		started = nil
		for arn := range Executions(t, cloud) {
			if !before[arn] {
				started = append(started, arn)
			}
		}
		return len(started) == n
	}, Timeout, Interval, "%d uploads start as many runs", n)
	return started
}

// Executions returns the ARNs of all executions of the workflow.
func Executions(t testing.TB, cloud *local.Cloud) map[string]bool {
	t.Helper()
	arns := map[string]bool{}
	pages := sfn.NewListExecutionsPaginator(sfn.NewFromConfig(cloud.AWS()), &sfn.ListExecutionsInput{StateMachineArn: &cloud.Outputs.StateMachineArn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, e := range page.Executions {
			arns[*e.ExecutionArn] = true
		}
	}
	return arns
}

// WaitForEnd waits until an execution has ended.
func WaitForEnd(t testing.TB, cloud *local.Cloud, arn string) (execution *sfn.DescribeExecutionOutput) {
	t.Helper()
	client := sfn.NewFromConfig(cloud.AWS())
	require.Eventually(t, func() bool {
		var err error
		execution, err = client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		return err == nil && execution.Status != types.ExecutionStatusRunning
	}, Timeout, Interval, "%s ends", arn)
	return execution
}

// ReadReport returns the report of an execution, by its name.
func ReadReport(t testing.TB, cloud *local.Cloud, execution string) (report run.Report) {
	t.Helper()
	got, err := s3.NewFromConfig(cloud.AWS()).GetObject(t.Context(), &s3.GetObjectInput{
		Bucket: &cloud.Outputs.RunsBucketName, Key: aws.String(run.ReportKey(execution)),
	})
	require.NoError(t, err)
	defer got.Body.Close()
	require.NoError(t, json.NewDecoder(got.Body).Decode(&report))
	return report
}
