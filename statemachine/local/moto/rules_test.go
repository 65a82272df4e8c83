package moto_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/moto"
)

func TestRuleStartsExecution(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		target types.Target
		want   func(t *testing.T, input map[string]any)
	}{
		{name: "the event", want: func(t *testing.T, input map[string]any) {
			assert.Equal(t, "aws.s3", input["source"])
			assert.Equal(t, "Object Created", input["detail-type"])
			assert.Equal(t, map[string]any{"key": "sync-users/TRIGGER"}, keep(input, "detail", "object", "key"))
			_, err := time.Parse(time.RFC3339, input["time"].(string))
			assert.NoError(t, err)
		}},
		{name: "constant", target: types.Target{Input: aws.String(`{"a":1}`)}, want: func(t *testing.T, input map[string]any) {
			assert.Equal(t, map[string]any{"a": 1.0}, input)
		}},
		{name: "transformed", target: types.Target{InputTransformer: &types.InputTransformer{
			InputPathsMap: map[string]string{"key": "$.detail.object.key"}, InputTemplate: aws.String(`{"key":"<key>"}`),
		}}, want: func(t *testing.T, input map[string]any) {
			assert.Equal(t, map[string]any{"key": "sync-users/TRIGGER"}, input)
		}},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bucket := fmt.Sprintf("watched-%d", i)
			machine := createMachine(t, `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}`)
			tt.target.Id, tt.target.Arn, tt.target.RoleArn = aws.String("1"), &machine, aws.String(role)
			watch(t, bucket, tt.target)

			createBucket(t, bucket, nil)
			notify(t, bucket)
			for _, key := range []string{"sync-users/xTRIGGER", "sync-users/TRIGGER"} {
				_, err := s3.NewFromConfig(account).PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key})
				require.NoError(t, err)
			}

			executions, err := sfn.NewFromConfig(account).ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: &machine})
			require.NoError(t, err)
			require.Len(t, executions.Executions, 1)
			got := finish(t, *executions.Executions[0].ExecutionArn)
			var input map[string]any
			require.NoError(t, json.Unmarshal([]byte(*got.Input), &input))
			tt.want(t, input)
		})
	}
}

// A start that Step Functions throttles is tried again, as often as the rule says.
func TestThrottledStart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		refused, retries int32
		want             int
	}{
		"again":            {refused: 2, retries: 2, want: 1},
		"until it is lost": {refused: 3, retries: 2, want: 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			machine := createMachine(t, `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}`)
			bucket, queues := "throttled-"+strings.Fields(name)[0], sqs.NewFromConfig(account)
			queue, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &bucket})
			require.NoError(t, err)
			watch(t, bucket, types.Target{
				Id: aws.String("1"), Arn: &machine, RoleArn: aws.String(role),
				RetryPolicy: &types.RetryPolicy{MaximumRetryAttempts: &tt.retries}, DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String("arn:aws:sqs:us-east-1:123456789012:" + bucket)},
			})
			createBucket(t, bucket, nil)
			notify(t, bucket)
			require.NoError(t, moto.ThrottleStarts(t.Context(), *account.BaseEndpoint, machine, int(tt.refused)))
			_, err = s3.NewFromConfig(account).PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("sync-users/TRIGGER")})
			require.NoError(t, err)
			require.Eventually(t, func() bool {
				started, err := sfn.NewFromConfig(account).ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: &machine})
				require.NoError(t, err)
				lost, err := queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
					QueueUrl: queue.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{"ApproximateNumberOfMessages"},
				})
				require.NoError(t, err)
				return len(started.Executions) == tt.want && lost.Attributes["ApproximateNumberOfMessages"] == strconv.Itoa(1-tt.want)
			}, 30*time.Second, 20*time.Millisecond)
		})
	}
}

// TestRulesAddedMeanwhile has events matched while rules are added.
func TestRulesAddedMeanwhile(t *testing.T) {
	t.Parallel()
	events := eventbridge.NewFromConfig(account, func(o *eventbridge.Options) { o.RetryMaxAttempts = 1 })
	const rules = 40
	added := make(chan error, rules)
	go func() {
		for i := range rules {
			_, err := events.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: aws.String(fmt.Sprint("meanwhile-", i)), EventPattern: aws.String(`{"source":["none"]}`)})
			added <- err
		}
	}()
	for range rules {
		_, err := events.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
			{Source: aws.String("test"), DetailType: aws.String("test"), Detail: aws.String("{}")},
		}})
		require.NoError(t, err)
		require.NoError(t, <-added)
	}
}

func TestDisabledRule(t *testing.T) {
	t.Parallel()
	queues, events := sqs.NewFromConfig(account), eventbridge.NewFromConfig(account)
	queue, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("of-a-disabled-rule")})
	require.NoError(t, err)
	rule := aws.String("disabled")
	_, err = events.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: rule, EventPattern: aws.String(`{"source":["of.disabled"]}`)})
	require.NoError(t, err)
	_, err = events.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: rule, Targets: []types.Target{
		{Id: aws.String("1"), Arn: aws.String("arn:aws:sqs:" + moto.Region + ":123456789012:of-a-disabled-rule")},
	}})
	require.NoError(t, err)
	publish := func(detail string) {
		_, err := events.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
			{Source: aws.String("of.disabled"), DetailType: aws.String("test"), Detail: &detail},
		}})
		require.NoError(t, err)
	}
	_, err = events.DisableRule(t.Context(), &eventbridge.DisableRuleInput{Name: rule})
	require.NoError(t, err)
	publish(`{"n":1}`)
	_, err = events.EnableRule(t.Context(), &eventbridge.EnableRuleInput{Name: rule})
	require.NoError(t, err)
	publish(`{"n":2}`)

	got, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, MaxNumberOfMessages: 10})

	require.NoError(t, err)
	require.Len(t, got.Messages, 1)
	assert.Contains(t, *got.Messages[0].Body, `"n": 2`)
}

// keep returns an object with only the field at the end of a path.
func keep(object map[string]any, path ...string) map[string]any {
	last := len(path) - 1
	for _, name := range path[:last] {
		object, _ = object[name].(map[string]any)
	}
	return map[string]any{path[last]: object[path[last]]}
}

func watch(t *testing.T, bucket string, target types.Target) {
	t.Helper()
	events := eventbridge.NewFromConfig(account)
	pattern := fmt.Sprintf(`{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":[%q]},"object":{"key":["sync-users/TRIGGER"]}}}`, bucket)
	_, err := events.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: &bucket, EventPattern: &pattern})
	require.NoError(t, err)
	_, err = events.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: &bucket, Targets: []types.Target{target}})
	require.NoError(t, err)
}

func notify(t *testing.T, bucket string) {
	t.Helper()
	_, err := s3.NewFromConfig(account).PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket:                    &bucket,
		NotificationConfiguration: &s3types.NotificationConfiguration{EventBridgeConfiguration: &s3types.EventBridgeConfiguration{}},
	})
	require.NoError(t, err)
}
