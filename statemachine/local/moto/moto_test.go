package moto_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/childproc"
	"github.com/digipres/sync-users/statemachine/local/gateway"
	"github.com/digipres/sync-users/statemachine/local/moto"
)

// account is the configuration of the one moto that all tests share.
var account aws.Config

// role is permitted everything, for every service that assumes it.
const role = "arn:aws:iam::123456789012:role/machine"

func TestMain(m *testing.M) {
	childproc.ExitIfWatchdog()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// run starts moto behind a gateway, as the laptop cloud does, and keeps its log.
func run(m *testing.M) (int, error) {
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer front.Close()
	build := filepath.Join("..", "..", "..", ".build")
	python := filepath.Join(build, "venv", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		return 0, fmt.Errorf("moto is not there: run `make setup`: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	server, err := moto.Start(ctx, moto.Config{
		Python:      python,
		Launcher:    "launcher.py",
		GatewayPort: front.Addr().(*net.TCPAddr).Port,
		RetrySpeed:  10_000,
		Log:         filepath.Join(build, "moto-test.log"),
	})
	if err != nil {
		return 0, err
	}
	defer server.Stop()
	noCaller := func(string) string { return "" }
	go func() {
		_ = http.Serve(front, gateway.New(server.URL, invoker{}, gateway.NewCounter(noCaller), log.New(io.Discard, "", 0)))
	}()
	account = moto.AWS("http://"+front.Addr().String(), moto.RootKey)
	if err := makeRole(ctx, "machine", everything); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// invoker is a fake of Lambda.
type invoker struct{}

func (invoker) Invoke(w http.ResponseWriter, _ *http.Request, function string) {
	_, _ = fmt.Fprintf(w, "%q", "invoked "+function)
}

// createMachine makes a state machine named like the test.
func createMachine(t *testing.T, definition string) string {
	t.Helper()
	return createMachineUnder(t, role, definition)
}

func createMachineUnder(t *testing.T, role, definition string) string {
	t.Helper()
	machine, err := sfn.NewFromConfig(account).CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String(strings.ReplaceAll(t.Name(), "/", "-")), RoleArn: &role, Definition: &definition,
	})
	require.NoError(t, err)
	return *machine.StateMachineArn
}

// finish waits for an execution's end.
func finish(t *testing.T, execution string) *sfn.DescribeExecutionOutput {
	t.Helper()
	var got *sfn.DescribeExecutionOutput
	require.Eventually(t, func() bool {
		var err error
		got, err = sfn.NewFromConfig(account).DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &execution})
		return err == nil && got.Status != sfntypes.ExecutionStatusRunning
	}, 30*time.Second, 20*time.Millisecond)
	return got
}

func execute(t *testing.T, machine, input string) *sfn.DescribeExecutionOutput {
	t.Helper()
	execution, err := sfn.NewFromConfig(account).StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &machine, Input: &input})
	require.NoError(t, err)
	return finish(t, *execution.ExecutionArn)
}

func createBucket(t *testing.T, name string, objects map[string]string) {
	t.Helper()
	buckets := s3.NewFromConfig(account)
	_, err := buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
	require.NoError(t, err)
	for key, body := range objects {
		_, err := buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: &key, Body: strings.NewReader(body)})
		require.NoError(t, err)
	}
}

func TestExecutionsWithoutName(t *testing.T) {
	t.Parallel()
	machine := createMachine(t, `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}`)

	first, second := execute(t, machine, `{"n":1}`), execute(t, machine, `{"n":1}`)

	assert.Equal(t, sfntypes.ExecutionStatusSucceeded, first.Status)
	assert.JSONEq(t, `{"n":1}`, *second.Output)
	assert.NotEqual(t, *first.ExecutionArn, *second.ExecutionArn)
}
