package transfer

import (
	"cmp"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// outcomes are the results of a run that has ended, by username, or by address for an
// account that nobody claims.
type outcomes struct {
	status     types.ExecutionStatus
	err, cause string
	results    map[string]run.Result
}

// startRun starts a run with an input and waits for its end.
func startRun(t *testing.T, input string) outcomes {
	t.Helper()
	return waitForEnd(t, localtest.StartRun(t, cloud, input))
}

// triggerRun uploads TRIGGER and waits for the end of the run that it starts.
func triggerRun(t *testing.T) outcomes {
	t.Helper()
	return waitForEnd(t, localtest.TriggerRuns(t, cloud, 1)[0])
}

// runFor starts a run that must succeed, and returns its results.
func runFor(t *testing.T, input string) map[string]run.Result {
	t.Helper()
	e := startRun(t, input)
	require.Equal(t, types.ExecutionStatusSucceeded, e.status, "%s: %s", e.err, e.cause)
	return e.results
}

func waitForEnd(t *testing.T, arn string) outcomes {
	t.Helper()
	ended := localtest.WaitForEnd(t, cloud, arn)
	e := outcomes{status: ended.Status, err: aws.ToString(ended.Error), cause: aws.ToString(ended.Cause), results: map[string]run.Result{}}
	if !hasReport(t, *ended.Name) {
		return e
	}
	for _, result := range localtest.ReadReport(t, cloud, *ended.Name).Results {
		e.results[cmp.Or(result.Username, result.Email)] = result
	}
	return e
}

// triggerExists returns whether TRIGGER is in the managed bucket.
func triggerExists(t *testing.T) bool {
	t.Helper()
	return exists(t, cloud.Outputs.ManagedBucketName, run.TriggerKey)
}

// receiveMails returns the mails since its last call.
func receiveMails(t *testing.T) []local.Mail {
	t.Helper()
	mails, err := cloud.ReceiveMails(t.Context())
	require.NoError(t, err)
	return mails
}

// calls returns how often the functions called an operation of Transfer since
// cloud.Calls.Reset.
func calls(operation string) (n int) {
	for call, times := range cloud.Calls.Total() {
		if call.Service == "transfer" && call.Action == operation && call.Caller != "" {
			n += times
		}
	}
	return n
}

// hasReport returns whether a run got as far as to its report.
func hasReport(t *testing.T, execution string) bool {
	t.Helper()
	return exists(t, cloud.Outputs.RunsBucketName, run.ReportKey(execution))
}

// exists returns whether a bucket has an object.
func exists(t *testing.T, bucket, key string) bool {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if errors.As(err, new(*s3types.NotFound)) {
		return false
	}
	require.NoError(t, err)
	return true
}
