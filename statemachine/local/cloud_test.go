package local_test

import (
	"bytes"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/childproc"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/gateway"
	"github.com/digipres/sync-users/statemachine/local/localtest"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

func TestMain(m *testing.M) {
	childproc.ExitIfWatchdog()
	os.Exit(m.Run())
}

// TestCloud starts a whole cloud, has a run fail in it because keys are missing,
// changes the stack, destroys it, and stops the cloud. What a successful run does
// is for the end-to-end tests.
func TestCloud(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	ctx := t.Context()
	var progress bytes.Buffer
	cloud, err := local.Start(ctx, local.Config{Name: "smoke", Progress: &progress})
	require.NoError(t, err)
	defer cloud.Stop()
	t.Log("\n" + progress.String())

	require.NoError(t, localtest.Fixtures(cloud).CreateUsers(ctx, fixture.User{
		Username: "alice", Email: "alice@example.org", Groups: []string{"digipres-dev1-power-users"}, NoKeys: true,
	}))
	cloud.Calls.Reset()
	cloud.SFTPGo.Reset()
	localtest.Upload(t, cloud, "sync-users/xTRIGGER")
	triggered := localtest.TriggerRuns(t, cloud, 1)
	require.Len(t, localtest.Executions(t, cloud), 1)

	execution := localtest.WaitForEnd(t, cloud, triggered[0])
	assert.Equal(t, sfntypes.ExecutionStatusFailed, execution.Status)
	assert.Equal(t, "UsersFailed", aws.ToString(execution.Error))
	mails, err := cloud.ReceiveMails(ctx)
	require.NoError(t, err)
	require.Len(t, mails, 1)
	assert.Contains(t, mails[0].Message, "alice")

	calls := cloud.Calls.Total()
	assert.Equal(t, 2, calls[gateway.Call{Service: "iam", Action: "GetAccountAuthorizationDetails", Caller: "sync-users-discover-users"}],
		"a run that TRIGGER starts reads twice")
	assert.Equal(t, 1, calls[gateway.Call{Service: "sns", Action: "Publish"}])
	assert.LessOrEqual(t, cloud.SFTPGo.Calls()[sftpgo.Route{Method: "GET", Path: "/api/v2/users/{name}"}], 1)

	_, err = cloud.Deploy(ctx, map[string]string{"maxConcurrency": "7"})
	require.NoError(t, err)
	assert.Equal(t, "7", setting(t, cloud, "MAX_CONCURRENCY"))

	found, err := local.Find(root(t), "smoke")
	require.NoError(t, err)
	assert.Equal(t, cloud.Addresses, *found)

	require.NoError(t, cloud.Destroy(ctx))
	machines, err := sfn.NewFromConfig(cloud.AWS()).ListStateMachines(ctx, &sfn.ListStateMachinesInput{})
	require.NoError(t, err)
	assert.Empty(t, machines.StateMachines)

	cloud.Stop()

	_, err = local.Find(root(t), "smoke")
	assert.ErrorIs(t, err, local.ErrNotUp)
	for _, address := range []string{
		strings.TrimPrefix(cloud.Endpoint, "http://"),
		strings.TrimPrefix(cloud.SFTPGoURL, "http://"),
		"127.0.0.1:" + strconv.Itoa(cloud.SFTPPort),
	} {
		_, err := net.Dial("tcp", address)
		assert.Error(t, err, "%s still answers", address)
	}
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left, "files are left outside of the cloud's folder")
}

// TestAllSystems starts a cloud with every system, and has a run of each workflow
// succeed in it.
func TestAllSystems(t *testing.T) {
	ctx := t.Context()
	var progress bytes.Buffer
	cloud, err := local.Start(ctx, local.Config{Name: "systems", Systems: local.Systems(), Progress: &progress})
	require.NoError(t, err)
	defer cloud.Stop()
	t.Log("\n" + progress.String())
	require.NoError(t, localtest.Fixtures(cloud).CreateUsers(ctx, fixture.User{
		Username: "alice", Email: "alice@example.org", Groups: []string{"digipres-dev1-users"}, NoAccount: true,
	}))

	exports := map[string]string{}
	for _, value := range cloud.Exports() {
		exports[value.Name] = value.Value
		assert.NotEmpty(t, value.Value, value.Name)
	}
	for name, want := range map[string]string{
		"STATE_MACHINE_ARN":          "arn:aws:states:us-east-1:123456789012:stateMachine:sync-users",
		"TRANSFER_STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:sync-transfer-users",
	} {
		assert.Equal(t, want, exports[name])
		started, err := sfn.NewFromConfig(cloud.AWS()).StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &want, Input: aws.String("{}")})
		require.NoError(t, err)
		ended := localtest.WaitForEnd(t, cloud, *started.ExecutionArn)
		assert.Equal(t, sfntypes.ExecutionStatusSucceeded, ended.Status, "%s: %s", aws.ToString(ended.Error), aws.ToString(ended.Cause))
	}

	found, err := local.Find(root(t), "systems")
	require.NoError(t, err)
	assert.Equal(t, cloud.Addresses, *found)
}

// TestTransferCloud starts a cloud with the system for AWS Transfer Family alone,
// deploys it without a change and with one, and destroys it.
func TestTransferCloud(t *testing.T) {
	ctx := t.Context()
	cloud, err := local.Start(ctx, local.Config{Name: "transfer", Systems: []string{local.SyncTransferUsers}})
	require.NoError(t, err)
	defer cloud.Stop()
	assert.Nil(t, cloud.SFTPGo, "only what the system needs is started")
	sessionPolicy := func() string {
		config, err := lambda.NewFromConfig(cloud.AWS()).GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{
			FunctionName: aws.String("sync-transfer-users-sync-transfer-user"),
		})
		require.NoError(t, err)
		return config.Environment.Variables["SESSION_POLICY"]
	}
	assert.Equal(t, "true", sessionPolicy())

	output, err := cloud.Deploy(ctx, nil)
	require.NoError(t, err)
	assert.Contains(t, output, "(no changes)")
	_, err = cloud.Deploy(ctx, map[string]string{"sessionPolicy": "false"})
	require.NoError(t, err)
	assert.Equal(t, "false", sessionPolicy())

	require.NoError(t, cloud.Destroy(ctx))
	machines, err := sfn.NewFromConfig(cloud.AWS()).ListStateMachines(ctx, &sfn.ListStateMachinesInput{})
	require.NoError(t, err)
	assert.Empty(t, machines.StateMachines)
	roles, err := iam.NewFromConfig(cloud.AWS()).ListRoles(ctx, &iam.ListRolesInput{})
	require.NoError(t, err)
	for _, role := range roles.Roles {
		assert.NotContains(t, *role.RoleName, "sync-transfer-users")
	}
}

func root(t *testing.T) string {
	t.Helper()
	root, err := local.Root()
	require.NoError(t, err)
	return root
}

// setting returns a variable of discover-users' environment.
func setting(t *testing.T, cloud *local.Cloud, name string) string {
	t.Helper()
	config, err := lambda.NewFromConfig(cloud.AWS()).GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{
		FunctionName: aws.String("sync-users-discover-users"),
	})
	require.NoError(t, err)
	return config.Environment.Variables[name]
}
