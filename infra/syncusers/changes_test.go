package syncusers

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/constructtest"
)

func TestChangesSchedule(t *testing.T) {
	t.Parallel()
	schedule := variants.Template(t, "created").OfType("AWS::Scheduler::Schedule")["ChangesSchedule"]
	assert.Equal(t, "sync-users-changes", schedule.At("Name"))
	assert.Equal(t, "rate(5 minutes)", schedule.At("ScheduleExpression"))
	assert.Equal(t, "ENABLED", schedule.At("State"))
	assert.Equal(t, map[string]any{
		"Arn": "arn:${AWS::Partition}:scheduler:::aws-sdk:sfn:startExecution", "RoleArn": "${ChangesRole.Arn}",
		"Input": `{"Input":"{\"changedOnly\":true}","StateMachineArn":"arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:sync-users",` +
			`"Name":"changes-<aws.scheduler.execution-id>"}`,
		"DeadLetterConfig": map[string]any{"Arn": "${Undelivered.Arn}"},
		"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": 300.0, "MaximumRetryAttempts": 5.0},
	}, schedule.At("Target"))
}

func TestChangesEvery(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"none": "", "": "", "true": "rate(5 minutes)", "1": "rate(1 minute)", "15": "rate(15 minutes)", "1440": "rate(1440 minutes)",
		"0": "error", "false": "error", "1441": "error", "rate(5 minutes)": "error", "5.5": "error",
	} {
		context := constructtest.Example("small")
		context["changesEvery"] = given
		found, err := constructtest.Synthesize(newSystem(), context)
		if want == "error" {
			assert.ErrorContains(t, err, "setting changesEvery: ", given)
			continue
		}
		require.NoError(t, err, given)
		schedules := found.OfType("AWS::Scheduler::Schedule")
		if want == "" {
			assert.Empty(t, schedules)
			assert.Len(t, found.OfType("AWS::SQS::Queue"), 1)
			continue
		}
		assert.Equal(t, want, schedules["ChangesSchedule"].At("ScheduleExpression"), given)
	}
}

func TestMaxLosses(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]any{"": nil, "0": "0", "25": "25", "-1": "error", "many": "error", "1.5": "error"} {
		context := constructtest.Example("small")
		context["maxLosses"] = given
		found, err := constructtest.Synthesize(newSystem(), context)
		if want == "error" {
			assert.ErrorContains(t, err, "setting maxLosses: ", given)
			continue
		}
		require.NoError(t, err, given)
		assert.Equal(t, want, found.OfType("AWS::Lambda::Function")["DiscoverUsersFunction"].At("Environment", "Variables", "MAX_LOSSES"), given)
		assert.Equal(t, want, found.Outputs["MaxLosses"].Value, given)
	}
}

// Changed keys are noted in a queue, which discover-users reads.
func TestKeyChanges(t *testing.T) {
	t.Parallel()
	found := variants.Template(t, "created")
	rule := found.OfType("AWS::Events::Rule")["KeyChangesRule"]
	pattern := rule.At("EventPattern").(map[string]any)
	event := func(operation, name string) map[string]any {
		return map[string]any{
			"source": "aws.ssm", "detail-type": "Parameter Store Change",
			"detail": map[string]any{"operation": operation, "name": name, "type": "SecureString"},
		}
	}
	for _, operation := range []string{"Create", "Update"} {
		for _, name := range []string{"/iam/access_key/alice", "/iam/secret_key/bob"} {
			assert.True(t, matches(t, pattern, event(operation, name)), "%s %s", operation, name)
		}
	}
	assert.False(t, matches(t, pattern, event("Delete", "/iam/access_key/alice")))
	assert.False(t, matches(t, pattern, event("Update", "/iam/other/alice")))
	assert.Equal(t, []any{map[string]any{
		"Id": "queue", "Arn": "${KeyChanges.Arn}", "DeadLetterConfig": map[string]any{"Arn": "${Undelivered.Arn}"},
	}}, rule.At("Targets"))
	variables := found.OfType("AWS::Lambda::Function")["DiscoverUsersFunction"].At("Environment", "Variables").(map[string]any)
	assert.Equal(t, "${KeyChanges}", variables["KEY_CHANGES_QUEUE"])
	queue := found.OfType("AWS::SQS::Queue")["KeyChanges"]
	assert.Greater(t, queue.At("VisibilityTimeout"), found.OfType("AWS::Lambda::Function")["DiscoverUsersFunction"].At("Timeout"))
	assert.Equal(t, true, queue.At("SqsManagedSseEnabled"))
	sends := found.OfType("AWS::SQS::QueuePolicy")["KeyChangesPolicy"].At("PolicyDocument", "Statement").([]any)
	assert.Contains(t, sends, any(map[string]any{
		"Sid": "RuleSends", "Effect": "Allow", "Principal": map[string]any{"Service": "events.amazonaws.com"},
		"Action": "sqs:SendMessage", "Resource": "${KeyChanges.Arn}",
		"Condition": map[string]any{"ArnEquals": map[string]any{
			"aws:SourceArn": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/sync-users-key-changes",
		}},
	}))
}
