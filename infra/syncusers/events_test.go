package syncusers

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTriggerStartsARunOnItsExactKey(t *testing.T) {
	t.Parallel()
	rule := variants.Template(t, "small").OfType("AWS::Events::Rule")["TriggerRule"]
	assert.Equal(t, map[string]any{
		"source":      []any{"aws.s3"},
		"detail-type": []any{"Object Created"},
		"detail": map[string]any{
			"bucket": map[string]any{"name": []any{"digipres-dev1-managed"}},
			"object": map[string]any{"key": []any{"sync-users/TRIGGER"}},
		},
	}, rule.At("EventPattern"))
	// No Input and no InputPath: the whole event is the run's input.
	assert.Equal(t, []any{map[string]any{
		"Id": "workflow", "Arn": "${WorkflowStateMachine}", "RoleArn": "${TriggerRole.Arn}",
		"DeadLetterConfig": map[string]any{"Arn": "${Undelivered.Arn}"},
		"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": 3600.0, "MaximumRetryAttempts": 60.0},
	}}, rule.At("Targets"))
}

func TestUndelivered(t *testing.T) {
	t.Parallel()
	found := variants.Template(t, "small")
	queue := found.Only(t, "AWS::SQS::Queue")
	assert.Equal(t, 1209600.0, queue.At("MessageRetentionPeriod"))
	assert.Equal(t, true, queue.At("SqsManagedSseEnabled"))
	assert.Equal(t, []any{
		map[string]any{
			"Effect": "Deny", "Principal": map[string]any{"AWS": "*"}, "Action": "sqs:*", "Resource": "${Undelivered.Arn}",
			"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		},
		map[string]any{
			"Sid": "RulesUndelivered", "Effect": "Allow", "Principal": map[string]any{"Service": "events.amazonaws.com"},
			"Action": "sqs:SendMessage", "Resource": "${Undelivered.Arn}",
			"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": []any{
				"arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/sync-users-trigger",
				"arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/sync-users-endings",
			}}},
		},
	}, found.Only(t, "AWS::SQS::QueuePolicy").At("PolicyDocument", "Statement"))
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	assert.Empty(t, variants.Template(t, "small").OfType("AWS::Scheduler::Schedule"))
	assert.Equal(t, "rate(1 hour)", variants.Template(t, "large").Only(t, "AWS::Scheduler::Schedule").At("ScheduleExpression"))
	schedule := variants.Template(t, "created").OfType("AWS::Scheduler::Schedule")["Schedule"]
	assert.Equal(t, "cron(0 6 ? * MON-FRI *)", schedule.At("ScheduleExpression"))
	assert.Equal(t, "Europe/Vienna", schedule.At("ScheduleExpressionTimezone"))
	assert.Equal(t, "ENABLED", schedule.At("State"))
	assert.Equal(t, map[string]any{
		"Arn": "${WorkflowStateMachine}", "RoleArn": "${ScheduleRole.Arn}", "Input": "{}",
		"DeadLetterConfig": map[string]any{"Arn": "${Undelivered.Arn}"},
		"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": 3600.0, "MaximumRetryAttempts": 60.0},
	}, schedule.At("Target"))
}

// A rate starts its first run as soon as it is created: a first deployment can
// leave it off until somebody has seen a dry run.
func TestScheduleThatIsOff(t *testing.T) {
	t.Parallel()
	context := constructtest.Example("large")
	context["scheduleEnabled"] = "false"
	found, err := constructtest.Synthesize(newSystem(), context)
	require.NoError(t, err)
	assert.Equal(t, "DISABLED", found.Only(t, "AWS::Scheduler::Schedule").At("State"))
	assert.NotContains(t, found.OfType("AWS::CloudWatch::Alarm"), "Alarmsstale", "no run is missing")
}

func TestTopic(t *testing.T) {
	t.Parallel()
	found := variants.Template(t, "small")
	assert.Equal(t, "${TopicKey.Arn}", found.Only(t, "AWS::SNS::Topic").At("KmsMasterKeyId"))
	assert.Equal(t, []any{
		map[string]any{
			"Sid": "AllowPublishThroughSSLOnly", "Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "${Topic}",
			"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		},
		map[string]any{
			"Sid": "AlarmsPublish", "Effect": "Allow", "Principal": map[string]any{"Service": "cloudwatch.amazonaws.com"},
			"Action": "sns:Publish", "Resource": "${Topic}",
			"Condition": map[string]any{"ArnLike": map[string]any{
				"aws:SourceArn": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:sync-users-*",
			}},
		},
		map[string]any{
			"Sid": "RulePublishes", "Effect": "Allow", "Principal": map[string]any{"Service": "events.amazonaws.com"},
			"Action": "sns:Publish", "Resource": "${Topic}",
			"Condition": map[string]any{"ArnLike": map[string]any{
				"aws:SourceArn": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/sync-users-endings",
			}},
		},
	}, found.Only(t, "AWS::SNS::TopicPolicy").At("PolicyDocument", "Statement"))
	subscription := found.Only(t, "AWS::SNS::Subscription")
	assert.Equal(t, "operator@example.org", subscription.At("Endpoint"))
	assert.Equal(t, "email", subscription.At("Protocol"))
	assert.Len(t, variants.Template(t, "large").OfType("AWS::SNS::Subscription"), 2)
}

func TestTopicKey(t *testing.T) {
	t.Parallel()
	key := variants.Template(t, "small").Only(t, "AWS::KMS::Key")
	assert.Equal(t, true, key.At("EnableKeyRotation"))
	assert.Equal(t, "Delete", key.DeletionPolicy)
	statements := key.At("KeyPolicy", "Statement").([]any)
	require.Len(t, statements, 3)
	assert.Equal(t, map[string]any{
		"Sid": "AlarmsPublish", "Effect": "Allow", "Principal": map[string]any{"Service": "cloudwatch.amazonaws.com"},
		"Action": []any{"kms:Decrypt", "kms:GenerateDataKey"}, "Resource": "*",
		"Condition": map[string]any{"StringEquals": map[string]any{
			"aws:SourceAccount":                      "${AWS::AccountId}",
			"kms:EncryptionContext:aws:sns:topicArn": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:sync-users-alerts",
		}},
	}, statements[1])
	assert.Equal(t, map[string]any{
		"Sid": "RulePublishes", "Effect": "Allow", "Principal": map[string]any{"Service": "events.amazonaws.com"},
		"Action": []any{"kms:Decrypt", "kms:GenerateDataKey"}, "Resource": "*",
		"Condition": map[string]any{"StringEquals": map[string]any{
			"kms:EncryptionContext:aws:sns:topicArn": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:sync-users-alerts",
		}},
	}, statements[2], "EventBridge names no account or rule to the key of a topic")

	assert.Empty(t, variants.Template(t, "large").OfType("AWS::KMS::Key"), "the customer's is used")
	assert.Equal(t, "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000003",
		variants.Template(t, "large").Only(t, "AWS::SNS::Topic").At("KmsMasterKeyId"))
}

// matches reports whether EventBridge would match an event, for the operators that
// the templates use (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html).
func matches(t *testing.T, pattern, event map[string]any) bool {
	t.Helper()
	for name, want := range pattern {
		if name == "$or" {
			one := false
			for _, alternative := range want.([]any) {
				one = one || matches(t, alternative.(map[string]any), event)
			}
			if !one {
				return false
			}
			continue
		}
		value, present := event[name]
		if inner, ok := want.(map[string]any); ok {
			object, _ := value.(map[string]any)
			if !matches(t, inner, object) {
				return false
			}
			continue
		}
		one := false
		for _, choice := range want.([]any) {
			one = one || matchesValue(t, choice, value, present)
		}
		if !one {
			return false
		}
	}
	return true
}

func matchesValue(t *testing.T, choice, value any, present bool) bool {
	t.Helper()
	operator, ok := choice.(map[string]any)
	if !ok {
		return present && choice == value
	}
	if exists, ok := operator["exists"]; ok {
		return present == exists
	}
	prefix, ok := operator["prefix"].(string)
	require.True(t, ok, "an operator that this test does not know: %v", operator)
	text, ok := value.(string)
	return ok && strings.HasPrefix(text, prefix)
}

func TestStatusRule(t *testing.T) {
	t.Parallel()
	rule := variants.Template(t, "small").OfType("AWS::Events::Rule")["EndingsRule"]
	// As text, because CloudFormation takes no null in a template
	// (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1378).
	var pattern map[string]any
	require.NoError(t, json.Unmarshal([]byte(rule.At("EventPattern").(string)), &pattern))
	tests := []struct {
		name string
		give map[string]any
		want bool
	}{
		{"succeeded", map[string]any{"status": "SUCCEEDED"}, false},
		{"begun", map[string]any{"status": "RUNNING"}, false},
		{"timed out", map[string]any{"status": "TIMED_OUT"}, true},
		{"aborted", map[string]any{"status": "ABORTED"}, true},
		{"people failed, and were mailed", map[string]any{"status": "FAILED", "error": "UsersFailed"}, false},
		{"failed, and was mailed", map[string]any{"status": "FAILED", "error": "Unavailable"}, false},
		{"failed in one of Step Functions' own ways, and was mailed", map[string]any{"status": "FAILED", "error": "RunFailed"}, false},
		{"could not be mailed", map[string]any{"status": "FAILED", "error": "NotPublished"}, true},
		{"failed outside of a catch", map[string]any{"status": "FAILED", "error": "States.Runtime"}, true},
		{"failed without an error", map[string]any{"status": "FAILED"}, true},
		{"failed with an error that is null", map[string]any{"status": "FAILED", "error": nil}, true},
		{"succeeded with an error that is null", map[string]any{"status": "SUCCEEDED", "error": nil}, false},
		{"another state machine", map[string]any{"status": "TIMED_OUT", "stateMachineArn": "other"}, false},
		{"one person of a run", map[string]any{"status": "FAILED", "error": "States.Runtime", "stateMachineArn": "${WorkflowStateMachine}/users"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			detail := map[string]any{"stateMachineArn": "${WorkflowStateMachine}"}
			for name, value := range test.give {
				detail[name] = value
			}
			event := map[string]any{"source": "aws.states", "detail-type": "Step Functions Execution Status Change", "detail": detail}
			assert.Equal(t, test.want, matches(t, pattern, event))
		})
	}
	target := rule.At("Targets").([]any)[0].(map[string]any)
	assert.Equal(t, "${Topic}", target["Arn"])
	assert.Equal(t, "${EndingsRole.Arn}", target["RoleArn"], "besides the policy of the topic: see TestTopic")
	assert.Equal(t, map[string]any{"Arn": "${Undelivered.Arn}"}, target["DeadLetterConfig"])
	mail := target["InputTransformer"].(map[string]any)
	for _, variable := range []string{"run", "status", "execution"} {
		assert.Contains(t, mail["InputPathsMap"], variable)
		assert.Contains(t, mail["InputTemplate"], "<"+variable+">")
	}
}

// What the workflow has mailed ends in a state that takes its error from the mail;
// any other end of failure is one that the rule knows.
func TestStatusRuleKnowsTheWorkflowsOwnMails(t *testing.T) {
	t.Parallel()
	ends := map[string]string{}
	for name, s := range definition(t) {
		if s.Type == "Fail" {
			ends[name] = s.Error + s.ErrorPath
		}
	}
	assert.Equal(t, map[string]string{"Failed": "$.mail.error", "Not published": construct.NotPublished}, ends)
}
