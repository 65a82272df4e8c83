package endtoend

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// begin starts a run by hand, and returns its ARN.
func begin(t testing.TB, input string) string {
	t.Helper()
	started, err := sfn.NewFromConfig(cloud.AWS()).StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: &cloud.Outputs.StateMachineArn, Input: &input,
	})
	require.NoError(t, err)
	return *started.ExecutionArn
}

// unlock deletes the run lock.
func unlock(t testing.TB) {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).DeleteObject(t.Context(), &s3.DeleteObjectInput{
		Bucket: &cloud.Outputs.RunsBucketName, Key: aws.String("turn.json"),
	})
	require.NoError(t, err)
}

// waits reports whether a run has tried to get the lock, and has to wait for it.
func waits(t testing.TB, arn string) bool {
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
	newTown(t, person("alice", devUsers))
	lift := cloud.SFTPGo.Inject(sftpgo.Fault{Method: http.MethodGet, Path: "/api/v2/users/{name}", Delay: 20 * time.Second})
	long := begin(t, `{}`)
	eventually(t, "alice's sync is on its way", func() bool {
		return cloud.SFTPGo.Calls()[sftpgo.Route{Method: http.MethodGet, Path: "/api/v2/users/{name}"}] > 0
	})
	older := begin(t, `{}`)
	eventually(t, "the second one waits", func() bool { return waits(t, older) })
	dry := begin(t, `{"dryRun":true}`)
	newer := begin(t, `{}`)

	e := ended(t, older)
	succeeded(t, e, wayOfSuperseded)
	assert.Contains(t, e.output, "Superseded")
	assert.Contains(t, e.output, newer[len(newer)-36:], "the output names the newer run")
	lift()
	for _, arn := range []string{long, dry, newer} {
		succeeded(t, ended(t, arn), wayOfSuccess)
	}
	assert.Empty(t, mails(t))
}

// A run that is redriven after another one has begun invokes sync-user with users that
// it read before.
func TestARunWithoutTheLockWritesNothing(t *testing.T) {
	newTown(t, person("alice", devUsers))
	old := start(t, `{}`)
	succeeded(t, old, wayOfSuccess)
	require.NoError(t, town.Leave(t.Context(), "alice", devUsers))
	succeeded(t, start(t, `{}`), wayOfSuccess)
	require.Empty(t, shows(t, email("alice")))

	payload := fmt.Sprintf(`{"stateMachine":"sync-users","execution":%q,"dryRun":false,"user":{"username":"alice","email":%q,
		"key":"alice_example_org","stacks":["digipres-dev1"],"buckets":[{"name":"digipres-dev1-data","region":"us-east-1"}]}}`, old.name, email("alice"))
	output, err := lambda.NewFromConfig(cloud.AWS()).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String(syncUser), Payload: []byte(payload)})

	require.NoError(t, err)
	var answer struct{ ErrorType string }
	require.NoError(t, json.Unmarshal(output.Payload, &answer))
	assert.Equal(t, "RunLockLost", answer.ErrorType)
	assert.Empty(t, shows(t, email("alice")))
}
