package endtoend

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// The workflow mails a run that fails; the rule on the ends of executions mails
// one that the workflow could not mail.
func TestFailedRunIsMailedOnce(t *testing.T) {
	ends := newEndQueue(t)
	keyless := newUser("keyless", devUsers)
	keyless.NoKeys = true
	tests := []struct {
		name string
		run  func(*testing.T) execution
		want types.ExecutionStatus
		mail string
	}{
		{"succeeded", func(t *testing.T) execution { return startRun(t, `{"username":"alice"}`) }, types.ExecutionStatusSucceeded, ""},
		{"a user failed", func(t *testing.T) execution { return startRun(t, `{}`) }, types.ExecutionStatusFailed, "keyless@example.org"},
		{"invalid input", func(t *testing.T) execution { return startRun(t, `[]`) }, types.ExecutionStatusFailed, "must be a JSON object"},
		{"stopped", startAndStop, types.ExecutionStatusAborted, "ended as ABORTED"},
		{"without permission to mail", startWithoutMail, types.ExecutionStatusFailed, "ended as FAILED"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resetFixtures(t, newUser("alice", devUsers), keyless)

			e := tt.run(t)

			require.Equal(t, tt.want, e.status)
			ends.waitFor(t, e)
			got := receiveMails(t)
			if tt.mail == "" {
				assert.Empty(t, got)
				return
			}
			require.Len(t, got, 1)
			assert.Contains(t, got[0].Message, tt.mail)
			assert.Contains(t, got[0].Message, e.name, "the mail says which run")
		})
	}
}

// startAndStop stops a run while it syncs a user.
func startAndStop(t *testing.T) execution {
	t.Helper()
	begun, release := holdSyncs(t)
	arn := localtest.StartRun(t, cloud, "{}")
	begun()
	_, err := sfn.NewFromConfig(cloud.AWS()).StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: &arn})
	require.NoError(t, err)
	release()
	return waitForEnd(t, arn)
}

// startWithoutMail starts a run that fails and may not publish its mail.
func startWithoutMail(t *testing.T) execution {
	t.Helper()
	removePermission(t, roleOfWorkflow(t), "sns:Publish", ":sync-users-alerts")
	return startRun(t, `[]`)
}

// endQueue receives the end of each run after every deployed rule has received
// it: moto matches rules in the order of their creation.
type endQueue struct{ queueURL string }

func newEndQueue(t *testing.T) endQueue {
	t.Helper()
	name := "ends"
	queue, err := sqs.NewFromConfig(cloud.AWS()).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
	require.NoError(t, err)
	events := eventbridge.NewFromConfig(cloud.AWS())
	pattern := fmt.Sprintf(`{"source":["aws.states"],"detail":{"stateMachineArn":[%q],"stopDate":[{"numeric":[">",0]}]}}`, cloud.Outputs.StateMachineArn)
	_, err = events.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: &name, EventPattern: &pattern})
	require.NoError(t, err)
	_, err = events.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: &name, Targets: []ebtypes.Target{
		{Id: &name, Arn: aws.String("arn:aws:sqs:us-east-1:123456789012:" + name)},
	}})
	require.NoError(t, err)
	return endQueue{*queue.QueueUrl}
}

// waitFor waits until the queue has received a run's end.
func (q endQueue) waitFor(t *testing.T, e execution) {
	t.Helper()
	queues := sqs.NewFromConfig(cloud.AWS())
	eventually(t, "the end of "+e.name+" is received", func() bool {
		got, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &q.queueURL})
		require.NoError(t, err)
		for _, message := range got.Messages {
			var event struct{ Detail struct{ Name string } }
			require.NoError(t, json.Unmarshal([]byte(*message.Body), &event))
			if event.Detail.Name == e.name {
				return true
			}
		}
		return false
	})
}
