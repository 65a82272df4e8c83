package moto_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestParameterChange has a rule send changes of some parameters to a queue.
func TestParameterChange(t *testing.T) {
	t.Parallel()
	name := "parameter-changes"
	queues, events := sqs.NewFromConfig(account), eventbridge.NewFromConfig(account)
	queue, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
	require.NoError(t, err)
	_, err = events.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: &name, EventPattern: aws.String(
		`{"source":["aws.ssm"],"detail-type":["Parameter Store Change"],"detail":{"operation":["Create","Update"],"name":[{"prefix":"/watched/"}]}}`)})
	require.NoError(t, err)
	_, err = events.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: &name, Targets: []types.Target{
		{Id: &name, Arn: aws.String("arn:aws:sqs:us-east-1:123456789012:" + name)},
	}})
	require.NoError(t, err)

	for _, parameter := range []string{"/watched/one", "/other/one", "/watched/one"} {
		_, err := ssm.NewFromConfig(account).PutParameter(t.Context(), &ssm.PutParameterInput{
			Name: &parameter, Value: aws.String("planted"), Type: ssmtypes.ParameterTypeSecureString, Overwrite: aws.Bool(true),
		})
		require.NoError(t, err)
	}

	var operations []string
	require.Eventually(t, func() bool {
		got, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, MaxNumberOfMessages: 10})
		require.NoError(t, err)
		for _, message := range got.Messages {
			assert.NotContains(t, *message.Body, "planted")
			var event struct {
				Source string
				Detail struct{ Operation, Name, Type string }
			}
			require.NoError(t, json.Unmarshal([]byte(*message.Body), &event))
			assert.Equal(t, "aws.ssm", event.Source)
			assert.Equal(t, "/watched/one", event.Detail.Name)
			assert.Equal(t, "SecureString", event.Detail.Type)
			operations = append(operations, event.Detail.Operation)
		}
		return len(operations) >= 2
	}, 30*time.Second, 50*time.Millisecond)
	assert.ElementsMatch(t, []string{"Create", "Update"}, operations)
}
