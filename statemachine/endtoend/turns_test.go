package endtoend

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// Two uploads start two runs, one after the other: the second reads who is there
// after the first one's end, and finds nothing to do.
func TestTwoUploads(t *testing.T) {
	newTown(t, person("alice", devUsers))
	cloud.SFTPGo.Inject(sftpgo.Fault{Delay: 500 * time.Millisecond})
	known := executions(t)

	upload(t, run.TriggerKey)
	eventually(t, "the first is on its way", func() bool { return len(cloud.SFTPGo.Calls()) > 0 })
	upload(t, run.TriggerKey)

	var fresh []string
	eventually(t, "two runs start", func() bool {
		fresh = nil
		for arn := range executions(t) {
			if !known[arn] {
				fresh = append(fresh, arn)
			}
		}
		return len(fresh) == 2
	})
	outcomes := map[run.Outcome]int{}
	for _, arn := range fresh {
		e := ended(t, arn)
		succeeded(t, e, wayOfTrigger)
		outcomes[report(t, e)["alice"].Outcome]++
	}
	assert.Equal(t, map[run.Outcome]int{run.Updated: 1, run.Unchanged: 1}, outcomes)
	assert.False(t, triggerStands(t))
}

// A run that was stopped holds others up only until its functions have ended. The
// operator who knows that they have may delete the lock.
func TestARunAfterOneThatWasStopped(t *testing.T) {
	newTown(t, person("alice", devUsers))
	client := sfn.NewFromConfig(cloud.AWS())
	lift := cloud.SFTPGo.Inject(sftpgo.Fault{Delay: 3 * time.Second})
	input := "{}"
	started, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &cloud.Outputs.StateMachineArn, Input: &input})
	require.NoError(t, err)
	eventually(t, "alice's sync is on its way", func() bool { return len(cloud.SFTPGo.Calls()) > 0 })
	_, err = client.StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: started.ExecutionArn})
	require.NoError(t, err)
	lift()

	next := begin(t, `{}`)
	eventually(t, "the next one waits", func() bool { return waits(t, next) })
	unlock(t)
	succeeded(t, ended(t, next), wayOfSuccess)
	assert.Equal(t, devBuckets, shows(t, email("alice")))
}
