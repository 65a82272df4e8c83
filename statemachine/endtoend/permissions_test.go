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

// All runs here use the deployed roles, so that a missing permission fails them.
// These tests show that it does: they remove one permission.
func TestMissingPermissionFailsTheRun(t *testing.T) {
	tests := []struct {
		name             string
		role             func(testing.TB) string
		action, resource string
		path             []string
		error            string
	}{
		{"discover-users acquires the lock", roleOfFunction(discoverUsers), "s3:PutObject", "/turn.json", pathDiscoverFailed, "AccessDenied"},
		{"the map writes its results", roleOfWorkflow, "s3:PutObject", "/runs/*/results/*", pathOtherError("Sync each user"), "RunFailed"},
		{"the map starts its children", roleOfWorkflow, "states:StartExecution", ":sync-users", pathOtherError("Sync each user"), "RunFailed"},
		{"the workflow invokes summarize-run", roleOfWorkflow, "lambda:InvokeFunction", ":function:sync-users-summarize-run", pathOtherError("Sync each user", "Delete leftovers", "Summarize run"), "RunFailed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resetFixtures(t, newUser("alice", devUsers))
			removePermission(t, tt.role(t), tt.action, tt.resource)

			e := startRun(t, `{}`)

			requireFailed(t, e, tt.path)
			assert.Equal(t, tt.error, e.err)
			assert.Contains(t, e.cause, "is not authorized to perform: "+tt.action+" on resource: ")
			assert.Len(t, receiveMails(t), 1)
		})
	}
}

func TestKeysWithoutPermissionFailTheUser(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	removePermission(t, roleOfFunction(syncUser)(t), "ssm:GetParameters", "/iam/secret_key/*")

	e := startRun(t, `{}`)

	requireFailed(t, e, pathUsersFailed)
	alice := readReport(t, e)["alice"]
	assert.Equal(t, "AccessDenied", alice.Error)
	assert.Contains(t, alice.Reason, "is not authorized to perform: ssm:GetParameters")
}

func TestEventOfUnstartedRunIsKeptInTheQueue(t *testing.T) {
	resetFixtures(t)
	events := eventbridge.NewFromConfig(cloud.AWS())
	targets, err := events.ListTargetsByRule(t.Context(), &eventbridge.ListTargetsByRuleInput{Rule: aws.String("sync-users-trigger")})
	require.NoError(t, err)
	require.Len(t, targets.Targets, 1)
	removePermission(t, *targets.Targets[0].RoleArn, "states:StartExecution", ":sync-users")
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

// pathOtherError returns the path of an error that no function explains, after
// the states that the run entered since it asked the server.
func pathOtherError(states ...string) []string {
	return after(after(pathToServer, states...), "Has an explanation?", "Take error as it is", "Explain error", "Publish failure", "Failed")
}
