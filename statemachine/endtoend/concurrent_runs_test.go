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

// Two uploads start two runs. The second waits for the first one's end before it
// reads memberships, so the first syncs and the second changes nothing.
func TestTwoUploadsRunOneAfterTheOther(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	remove := cloud.SFTPGo.Inject(sftpgo.Fault{Delay: time.Hour})
	first := localtest.TriggerRuns(t, cloud, 1)[0]
	eventually(t, "the first run has the lock", func() bool { return len(cloud.SFTPGo.Calls()) > 0 })
	second := localtest.TriggerRuns(t, cloud, 1)[0]
	eventually(t, "the second run waits", func() bool { return isWaiting(t, second) })
	remove()

	for arn, want := range map[string]run.Outcome{first: run.Updated, second: run.Unchanged} {
		e := waitForEnd(t, arn)
		requireSucceeded(t, e, pathTriggerDeleted)
		assert.Equal(t, want, readReport(t, e)["alice"].Outcome)
	}
	assert.False(t, triggerExists(t))
}

// A stopped run blocks the next one until its functions have ended. An operator who
// knows that they have may delete the lock.
func TestStoppedRunBlocksTheNextUntilItsFunctionsHaveEnded(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	remove := cloud.SFTPGo.Inject(sftpgo.Fault{Delay: time.Hour})
	stopped := localtest.StartRun(t, cloud, "{}")
	eventually(t, "alice's sync has begun", func() bool { return len(cloud.SFTPGo.Calls()) > 0 })
	_, err := sfn.NewFromConfig(cloud.AWS()).StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: &stopped})
	require.NoError(t, err)
	remove()

	next := localtest.StartRun(t, cloud, `{}`)
	eventually(t, "the next run waits", func() bool { return isWaiting(t, next) })
	deleteLock(t)
	requireSucceeded(t, waitForEnd(t, next), pathSucceeded)
	assert.Equal(t, devBuckets, mappedBuckets(t, email("alice")))
}
