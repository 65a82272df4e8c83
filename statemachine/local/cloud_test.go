package local_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/gateway"
	"github.com/digipres/sync-users/statemachine/local/leash"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

func TestMain(m *testing.M) {
	leash.Main()
	os.Exit(m.Run())
}

// TestCloud brings a whole cloud up, has a run fail in it for the want of keys,
// changes the stack, destroys it, and takes the cloud down. What a run does
// right is the end-to-end tests' matter.
func TestCloud(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var progress bytes.Buffer
	cloud, err := local.Start(ctx, local.Config{Name: "smoke", Progress: &progress})
	require.NoError(t, err)
	defer cloud.Stop()
	t.Log("\n" + progress.String())

	createUser(t, cloud, "alice", "alice@example.org", "digipres-dev1-power-users")
	createAccount(t, cloud, "alice@example.org")
	cloud.Calls.Reset()
	cloud.SFTPGo.Reset()
	upload(t, cloud, "sync-users/xTRIGGER")
	upload(t, cloud, "sync-users/TRIGGER")

	execution := onlyExecution(t, cloud)
	assert.Equal(t, sfntypes.ExecutionStatusFailed, execution.Status)
	assert.Equal(t, "UsersFailed", aws.ToString(execution.Error))
	mails, err := cloud.Mails(ctx)
	require.NoError(t, err)
	require.Len(t, mails, 1)
	assert.Contains(t, mails[0].Message, "alice")

	calls := cloud.Calls.Total()
	assert.Equal(t, 1, calls[gateway.Call{Service: "iam", Action: "GetAccountAuthorizationDetails", Caller: "sync-users-discover-users"}])
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
		assert.Error(t, err, "nobody answers at %s any more", address)
	}
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left, "all that is left is in the cloud's folder")
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

func createUser(t *testing.T, cloud *local.Cloud, name, email, group string) {
	t.Helper()
	users := iam.NewFromConfig(cloud.AWS())
	_, err := users.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: &group})
	require.NoError(t, err)
	_, err = users.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name, Tags: []iamtypes.Tag{{Key: aws.String("Email"), Value: &email}}})
	require.NoError(t, err)
	_, err = users.AddUserToGroup(t.Context(), &iam.AddUserToGroupInput{GroupName: &group, UserName: &name})
	require.NoError(t, err)
}

func createAccount(t *testing.T, cloud *local.Cloud, username string) {
	t.Helper()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	login, err := http.NewRequest(http.MethodGet, cloud.SFTPGoURL+"/api/v2/token", nil)
	require.NoError(t, err)
	login.SetBasicAuth(cloud.SFTPGoUsername, cloud.SFTPGoPassword)
	require.NoError(t, json.Unmarshal(do(t, login, http.StatusOK), &token))

	account := `{"username":"` + username + `","password":"Passw0rd-` + username + `","status":1,"home_dir":"/tmp/none","permissions":{"/":["list"]}}`
	create, err := http.NewRequest(http.MethodPost, cloud.SFTPGoURL+"/api/v2/users", strings.NewReader(account))
	require.NoError(t, err)
	create.Header.Set("Authorization", "Bearer "+token.AccessToken)
	do(t, create, http.StatusCreated)
}

func do(t *testing.T, r *http.Request, want int) []byte {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, want, response.StatusCode, string(body))
	return body
}

func upload(t *testing.T, cloud *local.Cloud, key string) {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &cloud.Outputs.ManagedBucketName, Key: &key, Body: strings.NewReader(""),
	})
	require.NoError(t, err)
}

// onlyExecution waits for the end of the one execution there is.
func onlyExecution(t *testing.T, cloud *local.Cloud) *sfn.DescribeExecutionOutput {
	t.Helper()
	machines := sfn.NewFromConfig(cloud.AWS())
	executions, err := machines.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: &cloud.Outputs.StateMachineArn})
	require.NoError(t, err)
	require.Len(t, executions.Executions, 1)
	var got *sfn.DescribeExecutionOutput
	require.Eventually(t, func() bool {
		got, err = machines.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: executions.Executions[0].ExecutionArn})
		return err == nil && got.Status != sfntypes.ExecutionStatusRunning
	}, time.Minute, 20*time.Millisecond)
	return got
}
