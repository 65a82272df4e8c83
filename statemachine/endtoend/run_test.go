package endtoend

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
)

// execution is one that has ended.
type execution struct {
	name, arn     string
	status        types.ExecutionStatus
	output        string
	err, cause    string
	path          []string // the states entered, in order
	largestInOut  int      // bytes of the largest state input or output
	historyAsText string
}

// start starts a run by hand and waits for its end.
func start(t testing.TB, input string) execution {
	t.Helper()
	started, err := sfn.NewFromConfig(cloud.AWS()).StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: &cloud.Outputs.StateMachineArn, Input: &input,
	})
	require.NoError(t, err)
	return ended(t, *started.ExecutionArn)
}

// trigger uploads TRIGGER and waits for the end of the run that it starts.
func trigger(t testing.TB) execution {
	t.Helper()
	known := executions(t)
	upload(t, run.TriggerKey)
	var fresh string
	eventually(t, "the upload starts a run", func() bool {
		for arn := range executions(t) {
			if !known[arn] {
				fresh = arn
			}
		}
		return fresh != ""
	})
	return ended(t, fresh)
}

func upload(t testing.TB, key string) {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(local.ManagedBucket), Key: &key, Body: strings.NewReader(""),
	})
	require.NoError(t, err)
}

// executions are the ARNs of all executions of the workflow.
func executions(t testing.TB) map[string]bool {
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

// ended waits for an execution's end, and reads its history.
func ended(t testing.TB, arn string) execution {
	t.Helper()
	client := sfn.NewFromConfig(cloud.AWS())
	var e execution
	eventually(t, arn+" ends", func() bool {
		got, err := client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		require.NoError(t, err)
		e = execution{
			name: aws.ToString(got.Name), arn: arn, status: got.Status, output: aws.ToString(got.Output),
			err: aws.ToString(got.Error), cause: aws.ToString(got.Cause),
		}
		return got.Status != types.ExecutionStatusRunning
	})
	e.readHistory(t)
	return e
}

func (e *execution) readHistory(t testing.TB) {
	t.Helper()
	pages := sfn.NewGetExecutionHistoryPaginator(sfn.NewFromConfig(cloud.AWS()), &sfn.GetExecutionHistoryInput{ExecutionArn: &e.arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		text, err := json.Marshal(page)
		require.NoError(t, err)
		e.historyAsText += string(text)
		for _, event := range page.Events {
			if entered := event.StateEnteredEventDetails; entered != nil {
				e.path = append(e.path, *entered.Name)
				e.largestInOut = max(e.largestInOut, len(aws.ToString(entered.Input)))
			}
			if exited := event.StateExitedEventDetails; exited != nil {
				e.largestInOut = max(e.largestInOut, len(aws.ToString(exited.Output)))
			}
		}
	}
}

// The ways that a run can take.
var (
	wayOfSuccess    = []string{"Discover users", "Check SFTPGo", "Sync each user", "Summarize run", "Did anyone fail?", "Done"}
	wayOfTrigger    = []string{"Discover users", "Check SFTPGo", "Sync each user", "Summarize run", "Did anyone fail?", "Delete TRIGGER", "Done"}
	wayOfSomeFailed = []string{"Discover users", "Check SFTPGo", "Sync each user", "Summarize run", "Did anyone fail?", "Some failed", "Publish failure", "Failed"}
	wayOfNoServer   = []string{"Discover users", "Check SFTPGo", "Has an explanation?", "Read explanation", "Explain error", "Publish failure", "Failed"}
	wayOfSuperseded = []string{"Discover users", "Superseded"}
	wayOfNoStart    = []string{"Discover users", "Has an explanation?", "Read explanation", "Explain error", "Publish failure", "Failed"}
)

// succeeded asserts that a run took the way of success.
func succeeded(t testing.TB, e execution, way []string) {
	t.Helper()
	require.Equal(t, types.ExecutionStatusSucceeded, e.status, "%s: %s", e.err, e.cause)
	require.Equal(t, way, e.path)
}

// failed asserts that a run took a way of failure.
func failed(t testing.TB, e execution, way []string) {
	t.Helper()
	require.Equal(t, types.ExecutionStatusFailed, e.status)
	require.Equal(t, way, e.path)
}

// report gives the results of a run by username.
func report(t testing.TB, e execution) map[string]run.Result {
	t.Helper()
	var r run.Report
	require.NoError(t, json.Unmarshal(object(t, cloud.Outputs.RunsBucketName, run.ReportKey(e.name)), &r))
	byUser := map[string]run.Result{}
	for _, result := range r.Results {
		byUser[result.Username] = result
	}
	require.Equal(t, len(byUser), r.Totals.Users)
	return byUser
}

func object(t testing.TB, bucket, key string) []byte {
	t.Helper()
	got, err := s3.NewFromConfig(cloud.AWS()).GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	require.NoError(t, err, "s3://%s/%s", bucket, key)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	return body
}

// triggerStands tells whether TRIGGER is in the managed bucket.
func triggerStands(t testing.TB) bool {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).HeadObject(t.Context(), &s3.HeadObjectInput{
		Bucket: aws.String(local.ManagedBucket), Key: aws.String(run.TriggerKey),
	})
	var gone *s3types.NotFound
	if errors.As(err, &gone) {
		return false
	}
	require.NoError(t, err)
	return true
}

// mails are those since a test last asked.
func mails(t testing.TB) []local.Mail {
	t.Helper()
	got, err := cloud.Mails(t.Context())
	require.NoError(t, err)
	return got
}
