package endtoend

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// deleteLock deletes the run lock.
func deleteLock(t testing.TB) {
	t.Helper()
	deleteRunsObject(t, "turn.json")
}

// deleteRunsObject deletes an object of the runs bucket.
func deleteRunsObject(t testing.TB, key string) {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &cloud.Outputs.RunsBucketName, Key: &key})
	require.NoError(t, err)
}

// putRunsObject writes an object of the runs bucket.
func putRunsObject(t testing.TB, key, text string) {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).PutObject(t.Context(), &s3.PutObjectInput{Bucket: &cloud.Outputs.RunsBucketName, Key: &key, Body: strings.NewReader(text)})
	require.NoError(t, err)
}

// isWaiting reports whether a run has tried to get the lock, and has to wait for it.
func isWaiting(t testing.TB, arn string) bool {
	t.Helper()
	history, err := sfn.NewFromConfig(cloud.AWS()).GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &arn})
	require.NoError(t, err)
	for _, event := range history.Events {
		if event.Type == types.HistoryEventTypeTaskFailed {
			require.Equal(t, "RunInProgress", aws.ToString(event.TaskFailedEventDetails.Error))
			return true
		}
	}
	return false
}

// Behind a long run, only the newest of those that do the same waits to the end.
func TestANewerRunSupersedesOneThatWaits(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	begun, release := holdSyncs(t)
	long := localtest.StartRun(t, cloud, `{}`)
	begun()
	older := localtest.StartRun(t, cloud, `{}`)
	eventually(t, "the second one waits", func() bool { return isWaiting(t, older) })
	dry := localtest.StartRun(t, cloud, `{"dryRun":true}`)
	newer := localtest.StartRun(t, cloud, `{}`)

	e := waitForEnd(t, older)
	requireSucceeded(t, e, pathSuperseded)
	assert.Contains(t, e.output, "Superseded")
	assert.Contains(t, e.output, newer[len(newer)-36:], "the output names the newer run")
	release()
	for _, arn := range []string{long, dry, newer} {
		requireSucceeded(t, waitForEnd(t, arn), pathSucceeded)
	}
	assert.Empty(t, receiveMails(t))
}

// A run that is redriven after another one has begun invokes sync-user with users that
// it read before.
func TestARunWithoutTheLockWritesNothing(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	require.NoError(t, fixtures.RemoveFromGroup(t.Context(), "alice", devUsers))
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	require.Empty(t, mappedBuckets(t, email("alice")))

	// Of a run that it saw itself, the function remembers for a minute that it had the lock.
	payload := fmt.Sprintf(`{"stateMachine":"sync-users","execution":"redriven","dryRun":false,"user":{"username":"alice","email":%q,
		"key":"alice_example_org","stacks":["digipres-dev1"],"buckets":[{"name":"digipres-dev1-data","region":"us-east-1"}]}}`, email("alice"))
	output, err := lambda.NewFromConfig(cloud.AWS()).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String(syncUser), Payload: []byte(payload)})

	require.NoError(t, err)
	var answer struct{ ErrorType string }
	require.NoError(t, json.Unmarshal(output.Payload, &answer))
	assert.Equal(t, "RunLockLost", answer.ErrorType)
	assert.Empty(t, mappedBuckets(t, email("alice")))
}
