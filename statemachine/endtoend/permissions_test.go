package endtoend

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
)

// All tests here run under the deployed roles, so that a permission that is
// missing fails them. These show that it does: one permission is taken away.
func TestAPermissionIsMissing(t *testing.T) {
	tests := []struct {
		name             string
		role             func(testing.TB) string
		action, resource string
		way              []string
		error            string
	}{
		{"discover-users takes its turn", roleOf(discoverUsers), "s3:PutObject", "/turn.json", wayOfNoStart, "AccessDenied"},
		{"the map writes its results", roleOfWorkflow, "s3:PutObject", "/runs/*/results/*", wayOfOtherErrors("Discover users", "Check SFTPGo", "Sync each user"), "RunFailed"},
		{"the map starts its children", roleOfWorkflow, "states:StartExecution", ":sync-users", wayOfOtherErrors("Discover users", "Check SFTPGo", "Sync each user"), "RunFailed"},
		{"the workflow invokes summarize-run", roleOfWorkflow, "lambda:InvokeFunction", ":function:sync-users-summarize-run", wayOfOtherErrors("Discover users", "Check SFTPGo", "Sync each user", "Summarize run"), "RunFailed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			newTown(t, person("alice", devUsers))
			takeAway(t, tt.role(t), tt.action, tt.resource)

			e := start(t, `{}`)

			failed(t, e, tt.way)
			assert.Equal(t, tt.error, e.err)
			assert.Contains(t, e.cause, "is not authorized to perform: "+tt.action+" on resource: ")
			assert.Len(t, mails(t), 1)
		})
	}
}

func TestKeysThatMayNotBeRead(t *testing.T) {
	newTown(t, person("alice", devUsers))
	takeAway(t, roleOf(syncUser)(t), "ssm:GetParameters", "/iam/secret_key/*")

	e := start(t, `{}`)

	failed(t, e, wayOfSomeFailed)
	alice := report(t, e)["alice"]
	assert.Equal(t, "AccessDenied", alice.Error)
	assert.Contains(t, alice.Reason, "is not authorized to perform: ssm:GetParameters")
}

// A TRIGGER that could not start a run is kept for people to see.
func TestTheRuleMayNotStartARun(t *testing.T) {
	newTown(t)
	events := eventbridge.NewFromConfig(cloud.AWS())
	targets, err := events.ListTargetsByRule(t.Context(), &eventbridge.ListTargetsByRuleInput{Rule: aws.String("sync-users-trigger")})
	require.NoError(t, err)
	require.Len(t, targets.Targets, 1)
	takeAway(t, *targets.Targets[0].RoleArn, "states:StartExecution", ":sync-users")
	before := executions(t)

	upload(t, run.TriggerKey)

	assert.Equal(t, before, executions(t))
	queues := sqs.NewFromConfig(cloud.AWS())
	queue, err := queues.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("sync-users-undelivered")})
	require.NoError(t, err)
	got, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl})
	require.NoError(t, err)
	require.Len(t, got.Messages, 1)
	assert.Contains(t, *got.Messages[0].Body, run.TriggerKey)
}

// wayOfOtherErrors is the way of an error that no Lambda explains, after the
// states that a run came to.
func wayOfOtherErrors(states ...string) []string {
	return append(states, "Has an explanation?", "Take error as it is", "Explain error", "Publish failure", "Failed")
}
