package lambda

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	runtime "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/childproc"
)

// TestMain makes the test binary a function too: the zips of these tests start
// it again, with a variable that only Lambda's processes have.
func TestMain(m *testing.M) {
	childproc.ExitIfWatchdog()
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		if os.Getenv("BEHAVIOUR") == "no start" {
			os.Exit(4)
		}
		runtime.Start(handle)
	}
	os.Exit(m.Run())
}

// event says what the function does.
type event struct {
	Do   string
	Wait string // a file whose disappearance ends the wait
}

// answer is what the function returns about itself.
type answer struct {
	PID, Invocation int
	Environment     []string
	Folder          string
	HasDeadline     bool
}

type CustomError struct{}

func (CustomError) Error() string { return "this function fails" }

var invocations int

func handle(ctx context.Context, e event) (*answer, error) {
	invocations++
	fmt.Println("invocation", invocations)
	switch e.Do {
	case "fail":
		return nil, CustomError{}
	case "exit":
		os.Exit(3)
	case "sleep":
		time.Sleep(time.Minute)
	case "wait":
		for _, err := os.Stat(e.Wait); err == nil; _, err = os.Stat(e.Wait) {
			time.Sleep(time.Millisecond)
		}
	}
	folder, err := os.Getwd()
	_, hasDeadline := ctx.Deadline()
	return &answer{PID: os.Getpid(), Invocation: invocations, Environment: os.Environ(), Folder: folder, HasDeadline: hasDeadline}, err
}

// account is an AWS account with functions, stateful and empty at first.
type account struct {
	mu        sync.Mutex
	functions map[string]*lambda.GetFunctionOutput
	objects   map[string][]byte
	sessions  int
}

var (
	_ lambda.GetFunctionAPIClient  = (*account)(nil)
	_ getObject                    = (*account)(nil)
	_ stscreds.AssumeRoleAPIClient = (*account)(nil)
)

func (a *account) GetFunction(_ context.Context, in *lambda.GetFunctionInput, _ ...func(*lambda.Options)) (*lambda.GetFunctionOutput, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if fn, ok := a.functions[*in.FunctionName]; ok {
		return fn, nil
	}
	return nil, &types.ResourceNotFoundException{Message: aws.String("Function not found: " + *in.FunctionName)}
}

func (a *account) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, ok := a.objects[*in.Bucket+"/"+*in.Key]
	if !ok {
		return nil, errors.New("no such object")
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(body))}, nil
}

func (a *account) AssumeRole(_ context.Context, in *sts.AssumeRoleInput, _ ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sessions++
	return &sts.AssumeRoleOutput{Credentials: &ststypes.Credentials{
		AccessKeyId:     aws.String(fmt.Sprintf("key-%d-%s", a.sessions, *in.RoleArn)),
		SecretAccessKey: aws.String("secret"),
		SessionToken:    aws.String("token"),
	}}, nil
}

// deploy puts a function there whose zip holds a script of that text before it
// starts the test binary.
func (a *account) deploy(t *testing.T, name, script string, timeout int32, environment map[string]string) {
	t.Helper()
	var body bytes.Buffer
	archive := zip.NewWriter(&body)
	header := &zip.FileHeader{Name: "bootstrap"}
	header.SetMode(0o755)
	file, err := archive.CreateHeader(header)
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	_, err = fmt.Fprintf(file, "#!/bin/sh\n%s\nexec '%s'\n", script, self)
	require.NoError(t, err)
	require.NoError(t, archive.Close())

	sum := sha256.Sum256(body.Bytes())
	a.mu.Lock()
	defer a.mu.Unlock()
	a.objects["assets/"+name] = body.Bytes()
	a.functions[name] = &lambda.GetFunctionOutput{
		Code: &types.FunctionCodeLocation{Location: aws.String("http://127.0.0.1:1/assets/" + name)},
		Configuration: &types.FunctionConfiguration{
			FunctionArn: aws.String("arn:aws:lambda:us-east-1:123456789012:function:" + name),
			Role:        aws.String("arn:role"),
			Handler:     aws.String("bootstrap"),
			MemorySize:  aws.Int32(128),
			Timeout:     aws.Int32(timeout),
			CodeSha256:  aws.String(base64.StdEncoding.EncodeToString(sum[:])),
			Environment: &types.EnvironmentResponse{Variables: environment},
		},
	}
}

// newService returns a service on an empty account.
func newService(t *testing.T) (*Service, *account) {
	t.Helper()
	a := &account{functions: map[string]*lambda.GetFunctionOutput{}, objects: map[string][]byte{}}
	s := New(Config{
		AWS: aws.Config{Region: "us-east-1"}, Endpoint: "http://127.0.0.1:4566",
		Code: t.TempDir(), Logs: t.TempDir(),
	})
	s.deployed.functions, s.deployed.objects, s.sts = a, a, a
	t.Cleanup(s.Stop)
	return s, a
}

func invoke(s *Service, function string, e event, header http.Header) *httptest.ResponseRecorder {
	body, _ := json.Marshal(e)
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	maps.Copy(r.Header, header)
	w := httptest.NewRecorder()
	s.Invoke(w, r, function)
	return w
}

// mustInvoke invokes a function that must succeed.
func mustInvoke(t *testing.T, s *Service, function string, e event) *answer {
	t.Helper()
	w := invoke(s, function, e, nil)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Empty(t, w.Header().Get("X-Amz-Function-Error"), w.Body)
	a := new(answer)
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), a))
	return a
}

func TestFunctionHasLambdasEnvironment(t *testing.T) {
	t.Parallel()
	s, a := newService(t)
	a.deploy(t, "f", "", 5, map[string]string{"MINE": "a b"})

	got := mustInvoke(t, s, "f", event{})

	assert.True(t, got.HasDeadline)
	environment := map[string]string{}
	for _, variable := range got.Environment {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = value
	}
	for name, want := range map[string]string{
		"MINE":                            "a b",
		"AWS_LAMBDA_FUNCTION_NAME":        "f",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/f",
		"AWS_REGION":                      "us-east-1",
		"AWS_ENDPOINT_URL":                "http://127.0.0.1:4566",
		"AWS_ACCESS_KEY_ID":               "key-1-arn:role",
		"AWS_SECRET_ACCESS_KEY":           "secret",
		"AWS_SESSION_TOKEN":               "token",
		"_HANDLER":                        "bootstrap",
		"LAMBDA_TASK_ROOT":                got.Folder,
	} {
		assert.Equal(t, want, environment[name], name)
	}
	assert.NotContains(t, environment, "HOME", "nothing of this process's environment")
	assert.Equal(t, "f", s.Caller("key-1-arn:role"))
	assert.Empty(t, s.Caller("another"))
	output, err := os.ReadFile(filepath.Join(s.config.Logs, "lambda-f.log"))
	require.NoError(t, err)
	assert.Equal(t, "invocation 1\n", string(output))
}

func TestFunctionIsFoundByNameAndARN(t *testing.T) {
	t.Parallel()
	s, a := newService(t)
	a.deploy(t, "sync-user", "", 5, nil)
	for _, give := range []string{
		"sync-user", "sync-user:$LATEST", "function:sync-user", "123456789012:function:sync-user",
		"arn:aws:lambda:us-east-1:123456789012:function:sync-user",
		"arn:aws:lambda:us-east-1:123456789012:function:sync-user:live",
	} {
		mustInvoke(t, s, give, event{})
	}
}

func TestFailureIsAFunctionError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give  string
		environment map[string]string
		wantType    string
		wantMessage string
	}{
		{name: "the function's own", give: "fail", wantType: "CustomError", wantMessage: "this function fails"},
		{name: "exit", give: "exit", wantType: "Runtime.ExitError", wantMessage: "Runtime exited with error: exit status 3"},
		{name: "timeout", give: "sleep", wantType: "Sandbox.Timedout", wantMessage: "Task timed out after 1.00 seconds"},
		{name: "no start", environment: map[string]string{"BEHAVIOUR": "no start"}, wantType: "Runtime.ExitError", wantMessage: "exit status 4"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, a := newService(t)
			a.deploy(t, "f", "", 1, tt.environment)

			w := invoke(s, "f", event{Do: tt.give}, nil)

			assert.Equal(t, http.StatusOK, w.Code)
			assert.Equal(t, "Unhandled", w.Header().Get("X-Amz-Function-Error"))
			var got struct{ ErrorType, ErrorMessage string }
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
			assert.Equal(t, tt.wantType, got.ErrorType)
			assert.Contains(t, got.ErrorMessage, tt.wantMessage)
		})
	}
}

func TestIdleProcessIsUsedAgain(t *testing.T) {
	t.Parallel()
	s, a := newService(t)
	a.deploy(t, "f", "", 5, nil)

	first := mustInvoke(t, s, "f", event{})
	// An error of the function leaves its process alive, as in Lambda.
	invoke(s, "f", event{Do: "fail"}, nil)
	third := mustInvoke(t, s, "f", event{})

	assert.Equal(t, first.PID, third.PID)
	assert.Equal(t, 3, third.Invocation)
	assert.Equal(t, 1, a.sessions)
}

func TestEndedProcessIsReplaced(t *testing.T) {
	t.Parallel()
	s, a := newService(t)
	a.deploy(t, "f", "", 5, nil)
	first := mustInvoke(t, s, "f", event{})
	invoke(s, "f", event{Do: "exit"}, nil)

	second := mustInvoke(t, s, "f", event{})

	assert.NotEqual(t, first.PID, second.PID)
	assert.Equal(t, 1, second.Invocation)
}

func TestBusyProcessIsNotUsedTwice(t *testing.T) {
	t.Parallel()
	s, a := newService(t)
	a.deploy(t, "f", "", 20, nil)
	file := filepath.Join(t.TempDir(), "wait")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	busy := make(chan *httptest.ResponseRecorder)
	go func() { busy <- invoke(s, "f", event{Do: "wait", Wait: file}, nil) }()
	require.Eventually(t, func() bool {
		output, _ := os.ReadFile(filepath.Join(s.config.Logs, "lambda-f.log"))
		return len(output) > 0
	}, 10*time.Second, time.Millisecond)

	second := mustInvoke(t, s, "f", event{})

	require.NoError(t, os.Remove(file))
	var first answer
	require.NoError(t, json.Unmarshal((<-busy).Body.Bytes(), &first))
	assert.NotEqual(t, first.PID, second.PID)
}

func TestRedeployedFunctionIsStartedAgain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		script      string
		environment map[string]string
	}{
		{name: "code", script: "# changed"},
		{name: "environment", environment: map[string]string{"NEW": "1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, a := newService(t)
			a.deploy(t, "f", "", 5, nil)
			old := mustInvoke(t, s, "f", event{})

			a.deploy(t, "f", tt.script, 5, tt.environment)

			assert.NotEqual(t, old.PID, mustInvoke(t, s, "f", event{}).PID)
			assert.Eventually(t, func() bool { return hasEnded(old.PID) }, 10*time.Second, time.Millisecond)
		})
	}
}

func TestOtherInvocationTypesAreRefused(t *testing.T) {
	t.Parallel()
	s, a := newService(t)
	a.deploy(t, "f", "", 5, nil)

	w := invoke(s, "f", event{}, http.Header{"X-Amz-Invocation-Type": {"DryRun"}})

	assert.Equal(t, http.StatusBadRequest, w.Code)
	assert.Contains(t, w.Body.String(), "invocation type DryRun")
}

func TestUnknownFunctionIsNotFound(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)

	w := invoke(s, "nobody", event{}, nil)

	assert.Equal(t, http.StatusNotFound, w.Code)
	assert.Equal(t, "ResourceNotFoundException", w.Header().Get("X-Amzn-Errortype"))
}

func TestStopEndsIdleProcesses(t *testing.T) {
	t.Parallel()
	s, a := newService(t)
	a.deploy(t, "f", "", 5, nil)
	process := mustInvoke(t, s, "f", event{})

	s.Stop()

	assert.True(t, hasEnded(process.PID))
	assert.Equal(t, http.StatusInternalServerError, invoke(s, "f", event{}, nil).Code)
}

func hasEnded(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// An asynchronous invocation is answered at once, and tried three times if the function fails.
func TestAsynchronousInvocation(t *testing.T) {
	t.Parallel()
	s, a := newService(t)
	failures := new(lockedBuffer)
	s.errlog, s.later.retryDelay = log.New(failures, "", 0), time.Millisecond
	a.deploy(t, "f", "", 5, nil)
	asynchronously := http.Header{"X-Amz-Invocation-Type": {"Event"}}

	assert.Equal(t, http.StatusNotFound, invoke(s, "none", event{}, asynchronously).Code)
	w := invoke(s, "f", event{}, asynchronously)
	assert.Equal(t, http.StatusAccepted, w.Code)
	assert.Empty(t, w.Body.String())
	invoked := func() int {
		text, _ := os.ReadFile(filepath.Join(s.config.Logs, "lambda-f.log"))
		return strings.Count(string(text), "invocation ")
	}
	require.Eventually(t, func() bool { return invoked() == 1 }, 10*time.Second, time.Millisecond)

	assert.Equal(t, http.StatusAccepted, invoke(s, "f", event{Do: "fail"}, asynchronously).Code)
	require.Eventually(t, func() bool { return strings.Contains(failures.String(), "this function fails") }, 10*time.Second, time.Millisecond)
	assert.Equal(t, 4, invoked())
	assert.Equal(t, 1, strings.Count(failures.String(), "\n"))
}

// lockedBuffer is written by another goroutine than the one that reads it.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
