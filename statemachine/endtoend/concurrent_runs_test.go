package endtoend

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/localtest"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// Two uploads start two runs. One waits for the other's end before it reads
// memberships, so the first syncs and the second changes nothing.
func TestTwoUploadsAtOnceRunOneAfterTheOther(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	cloud.SFTPGo.Inject(sftpgo.Fault{Delay: 500 * time.Millisecond})
	outcomes := map[run.Outcome]int{}
	for _, arn := range localtest.TriggerRuns(t, cloud, 2) {
		e := waitForEnd(t, arn)
		requireSucceeded(t, e, pathTriggerDeleted)
		outcomes[readReport(t, e)["alice"].Outcome]++
	}
	assert.Equal(t, map[run.Outcome]int{run.Updated: 1, run.Unchanged: 1}, outcomes)
	assert.False(t, triggerExists(t))
}

func TestStoppedRunDoesNotBlockTheNext(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	client := sfn.NewFromConfig(cloud.AWS())
	remove := cloud.SFTPGo.Inject(sftpgo.Fault{Delay: time.Hour})
	stopped := localtest.StartRun(t, cloud, "{}")
	eventually(t, "alice's sync has begun", func() bool { return len(cloud.SFTPGo.Calls()) > 0 })
	_, err := client.StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: &stopped})
	require.NoError(t, err)
	remove()

	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	assert.Equal(t, devBuckets, mappedBuckets(t, email("alice")))
}
