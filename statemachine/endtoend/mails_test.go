package endtoend

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// Each run that did not go well is mailed once: by the workflow or, where that
// is no longer there to do it, by the rule on ends.
func TestOneMailARun(t *testing.T) {
	told := newWitness(t)
	keyless := person("keyless", devUsers)
	keyless.NoKeys = true
	tests := []struct {
		name string
		run  func(*testing.T) execution
		want types.ExecutionStatus
		mail string
	}{
		{"went well", func(t *testing.T) execution { return start(t, `{"username":"alice"}`) }, types.ExecutionStatusSucceeded, ""},
		{"somebody failed", func(t *testing.T) execution { return start(t, `{}`) }, types.ExecutionStatusFailed, "keyless@example.org"},
		{"did not begin", func(t *testing.T) execution { return start(t, `[]`) }, types.ExecutionStatusFailed, "must be a JSON object"},
		{"was stopped", startAndStop, types.ExecutionStatusAborted, "ended as ABORTED"},
		{"may not mail", startMute, types.ExecutionStatusFailed, "ended as FAILED"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			newTown(t, person("alice", devUsers), keyless)

			e := tt.run(t)

			require.Equal(t, tt.want, e.status)
			told.of(t, e)
			got := mails(t)
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

// startAndStop stops a run while it syncs somebody.
func startAndStop(t *testing.T) execution {
	t.Helper()
	lift := cloud.SFTPGo.Inject(sftpgo.Fault{Delay: 2 * time.Second})
	client, input := sfn.NewFromConfig(cloud.AWS()), "{}"
	started, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &cloud.Outputs.StateMachineArn, Input: &input})
	require.NoError(t, err)
	eventually(t, "somebody's sync is on its way", func() bool { return len(cloud.SFTPGo.Calls()) > 0 })
	_, err = client.StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: started.ExecutionArn})
	require.NoError(t, err)
	lift()
	return ended(t, *started.ExecutionArn)
}

// startMute starts a run that fails and whose own mail is refused.
func startMute(t *testing.T) execution {
	t.Helper()
	takeAway(t, roleOfWorkflow(t), "sns:Publish", ":sync-users-alerts")
	return start(t, `[]`)
}

// witness is told the end of each run after every deployed rule was: the rules
// are gone through in the order they were made.
type witness struct{ queueURL string }

func newWitness(t *testing.T) witness {
	t.Helper()
	name := "witness"
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
	return witness{*queue.QueueUrl}
}

// of waits until the witness was told of a run's end.
func (w witness) of(t *testing.T, e execution) {
	t.Helper()
	queues := sqs.NewFromConfig(cloud.AWS())
	eventually(t, "the end of "+e.name+" is told", func() bool {
		got, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &w.queueURL})
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
