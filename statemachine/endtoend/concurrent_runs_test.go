package endtoend

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// Two uploads start two runs. The second waits for the first one's end before it
// reads memberships, so the first syncs and the second changes nothing.
func TestTwoUploadsRunOneAfterTheOther(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	begun, release := holdSyncs(t)
	first := localtest.TriggerRuns(t, cloud, 1)[0]
	begun()
	second := localtest.TriggerRuns(t, cloud, 1)[0]
	eventually(t, "the second run waits", func() bool { return isWaiting(t, second) })
	release()

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
	begun, release := holdSyncs(t)
	stopped := localtest.StartRun(t, cloud, "{}")
	begun()
	_, err := sfn.NewFromConfig(cloud.AWS()).StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: &stopped})
	require.NoError(t, err)
	release()

	next := localtest.StartRun(t, cloud, `{}`)
	eventually(t, "the next run waits", func() bool { return isWaiting(t, next) })
	deleteLock(t)
	requireSucceeded(t, waitForEnd(t, next), pathSucceeded)
	assert.Equal(t, devBuckets, mappedBuckets(t, email("alice")))
}
