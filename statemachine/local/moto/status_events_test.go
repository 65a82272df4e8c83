package moto_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStatus has a rule publish each status of an execution to a topic.
func TestStatus(t *testing.T) {
	t.Parallel()
	const pass = `{"Type":"Pass","End":true}`
	const wait = `{"Type":"Wait","Seconds":2,"End":true}`
	tests := []struct {
		name, state, timeout string
		stop                 bool
		want                 [][2]string // status and error
	}{
		{name: "succeeded", state: pass, want: [][2]string{{"RUNNING"}, {"SUCCEEDED"}}},
		{name: "failed", state: `{"Type":"Fail","Error":"E","Cause":"c"}`, want: [][2]string{{"RUNNING"}, {"FAILED", "E"}}},
		{name: "timed-out", state: wait, timeout: `"TimeoutSeconds":1,`, want: [][2]string{{"RUNNING"}, {"TIMED_OUT"}}},
		{name: "stopped", state: wait, stop: true, want: [][2]string{{"RUNNING"}, {"ABORTED"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			machine := createMachine(t, fmt.Sprintf(`{"StartAt":"A",%s"States":{"A":%s}}`, tt.timeout, tt.state))
			topic, queue := mailbox(t, tt.name)
			follow(t, tt.name, machine, topic)

			client := sfn.NewFromConfig(account)
			execution, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &machine, Input: aws.String(`{"n":1}`)})
			require.NoError(t, err)
			if tt.stop {
				_, err := client.StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: execution.ExecutionArn})
				require.NoError(t, err)
			}

			var got [][2]string
			require.Eventually(t, func() bool {
				for _, event := range published(t, queue) {
					assert.Equal(t, *execution.ExecutionArn, event.Detail["executionArn"])
					assert.Equal(t, `{"n":1}`, event.Detail["input"])
					assert.Equal(t, []string{*execution.ExecutionArn}, event.Resources)
					told, _ := event.Detail["error"].(string)
					got = append(got, [2]string{event.Detail["status"].(string), told})
				}
				return len(got) >= len(tt.want)
			}, 30*time.Second, 50*time.Millisecond)
			assert.Equal(t, tt.want, got)
		})
	}
}

// follow makes a rule that publishes the statuses of a state machine's executions.
func follow(t *testing.T, rule, machine, topic string) {
	t.Helper()
	events := eventbridge.NewFromConfig(account)
	pattern := fmt.Sprintf(`{"source":["aws.states"],"detail-type":["Step Functions Execution Status Change"],"detail":{"stateMachineArn":[%q]}}`, machine)
	_, err := events.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: &rule, EventPattern: &pattern})
	require.NoError(t, err)
	_, err = events.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: &rule, Targets: []types.Target{
		{Id: aws.String("topic"), Arn: &topic, RoleArn: aws.String(role)},
	}})
	require.NoError(t, err)
}

// mailbox makes a topic with a queue behind it.
func mailbox(t *testing.T, name string) (topicARN, queueURL string) {
	t.Helper()
	queue, err := sqs.NewFromConfig(account).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
	require.NoError(t, err)
	topics := sns.NewFromConfig(account)
	topic, err := topics.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: &name})
	require.NoError(t, err)
	_, err = topics.Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:us-east-1:123456789012:" + name),
		Attributes: map[string]string{"RawMessageDelivery": "true"},
	})
	require.NoError(t, err)
	return *topic.TopicArn, *queue.QueueUrl
}

type event struct {
	Resources []string
	Detail    map[string]any
}

// published receives the events in a queue, and deletes them.
func published(t *testing.T, queueURL string) []event {
	t.Helper()
	queues := sqs.NewFromConfig(account)
	got, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queueURL, MaxNumberOfMessages: 10})
	require.NoError(t, err)
	var events []event
	for _, message := range got.Messages {
		var e event
		require.NoError(t, json.Unmarshal([]byte(*message.Body), &e))
		events = append(events, e)
		_, err := queues.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &queueURL, ReceiptHandle: message.ReceiptHandle})
		require.NoError(t, err)
	}
	return events
}
