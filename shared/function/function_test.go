package function

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/metrics"
)

// logged are the lines of all tests. Each reads those of its own request.
var logged logLines

func TestMain(m *testing.M) {
	setLogger(&logged, slog.LevelInfo)
	os.Exit(m.Run())
}

type logLines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *logLines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(line)
}

// ofRequest returns the lines with a request id, and fails unless all lines are JSON.
func (l *logLines) ofRequest(t *testing.T, request string) []map[string]any {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []map[string]any
	for line := range bytes.Lines(l.all.Bytes()) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal(line, &fields))
		if fields["requestId"] == request {
			found = append(found, fields)
		}
	}
	return found
}

type event struct {
	Execution string `json:"execution"`
	Name      string `json:"name"`
}

func (e event) LogAttrs() []slog.Attr { return []slog.Attr{slog.String("execution", e.Execution)} }

// handlerFunc makes a function a Handler.
type handlerFunc func(context.Context, event) (string, error)

func (f handlerFunc) Handle(ctx context.Context, e event) (string, error) { return f(ctx, e) }

// invoke invokes a function, with the test's name as the request id.
func invoke(t *testing.T, payload string, handle handlerFunc) (string, error) {
	t.Helper()
	newHandler := func(context.Context) (Handler[event, string], error) { return handle, nil }
	response, err := (&lambdaHandler[event, string]{newHandler: newHandler}).Invoke(invocationContext(t), []byte(payload))
	return string(response), err
}

func invocationContext(t *testing.T) context.Context {
	return lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: t.Name()})
}

const payload = `{"execution":"run-1","name":"alice"}`

func TestInvokeHandlesAnEvent(t *testing.T) {
	t.Parallel()
	response, err := invoke(t, payload, func(ctx context.Context, e event) (string, error) {
		slog.InfoContext(ctx, "hello", "email", "alice@example.org")
		slog.With("bucket", "b").DebugContext(ctx, "below the level")
		slog.With("bucket", "b").WarnContext(ctx, "hello again")
		return "for " + e.Name, nil
	})
	require.NoError(t, err)
	assert.Equal(t, `"for alice"`, response)
	lines := logged.ofRequest(t, t.Name())
	require.Len(t, lines, 2)
	for _, line := range lines {
		assert.Equal(t, "run-1", line["execution"])
		assert.Contains(t, line, "time")
	}
	assert.Equal(t, "INFO", lines[0]["level"])
	assert.Equal(t, "hello", lines[0]["msg"])
	assert.Equal(t, "alice@example.org", lines[0]["email"])
	assert.Equal(t, "b", lines[1]["bucket"])
}

func TestContextAttrsComeFirst(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	ctx := withAttrs(t.Context(), slog.String("execution", "run-1"))
	newLogger(&out, slog.LevelInfo).With("a", 1).InfoContext(ctx, "m", "buckets", "b c")
	assert.Regexp(t, `"msg":"m","a":1,"execution":"run-1","buckets":"b c"}\n$`, out.String())
}

func TestMetricsAreLoggedAtAnyLevel(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := newLogger(&out, slog.LevelError)
	logger.Warn("below the level")
	logger.Log(t.Context(), metrics.Level, "a metric")
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	assert.Equal(t, "a metric", line["msg"])
	assert.Equal(t, "INFO", line["level"])
}

func TestErrorsAreNamedAndLoggedOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		payload string
		give    error
		want    messages.InvokeResponse_Error
		level   string
	}{
		{
			name: "an error with a kind, wrapped", payload: payload,
			give:  fmt.Errorf("read the keys: %w", errkind.Errorf(errkind.KeysMissing, "/iam/secret_key/alice is missing")),
			want:  messages.InvokeResponse_Error{Type: "KeysMissing", Message: "read the keys: /iam/secret_key/alice is missing"},
			level: "ERROR",
		},
		{
			name: "any other error", payload: payload, give: errors.New("oh"),
			want:  messages.InvokeResponse_Error{Type: "Unexpected", Message: "oh"},
			level: "ERROR",
		},
		{
			name: "waiting is not logged as an error", payload: payload, give: errkind.Errorf(errkind.RunInProgress, "an earlier run is going"),
			want:  messages.InvokeResponse_Error{Type: "RunInProgress", Message: "an earlier run is going"},
			level: "INFO",
		},
		{
			name: "an invalid event", payload: `[]`,
			want:  messages.InvokeResponse_Error{Type: "InvalidInput", Message: "the event does not parse: json: cannot unmarshal array into Go value of type function.event"},
			level: "ERROR",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := invoke(t, tt.payload, func(context.Context, event) (string, error) { return "", tt.give })
			assert.Equal(t, tt.want, err, "the type itself, for the Lambda runtime does not unwrap")
			lines := logged.ofRequest(t, t.Name())
			require.Len(t, lines, 1, "once")
			assert.Equal(t, tt.level, lines[0]["level"])
			assert.Equal(t, tt.want.Type, lines[0]["kind"])
			assert.Equal(t, tt.want.Message, lines[0]["error"])
		})
	}
}

func TestPanicIsLoggedAndEndsTheProcess(t *testing.T) {
	t.Parallel()
	_, err := invoke(t, payload, func(context.Context, event) (string, error) {
		var none []string
		return none[3], nil
	})
	var got messages.InvokeResponse_Error
	require.ErrorAs(t, err, &got)
	assert.Equal(t, "Unexpected", got.Type)
	assert.Contains(t, got.Message, "index out of range")
	assert.Empty(t, got.StackTrace)
	assert.True(t, got.ShouldExit)
	lines := logged.ofRequest(t, t.Name())
	require.Len(t, lines, 1)
	assert.Equal(t, "run-1", lines[0]["execution"])
	assert.Contains(t, lines[0]["stack"], "function_test.go")
}

func TestContextEndsBeforeLambdasDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(invocationContext(t), 200*time.Millisecond)
		defer cancel()
		newHandler := func(context.Context) (Handler[event, string], error) {
			return handlerFunc(func(ctx context.Context, _ event) (string, error) {
				<-ctx.Done()
				return "", fmt.Errorf("read buckets: %w", ctx.Err())
			}), nil
		}
		_, err := (&lambdaHandler[event, string]{newHandler: newHandler}).Invoke(ctx, []byte(payload))
		assert.Equal(t, messages.InvokeResponse_Error{
			Type: "Unavailable", Message: "ran out of time: read buckets: context deadline exceeded",
		}, err)
		assert.NoError(t, ctx.Err(), "before Lambda's own deadline")
	})
}

func TestReserveIsAtMostATenth(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give time.Duration
		want time.Duration
	}{
		{"a long invocation", time.Hour, time.Hour - reserve},
		{"a short one", 10 * time.Second, 9 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now := time.Now()
			outer, cancel := context.WithDeadline(t.Context(), now.Add(tt.give))
			defer cancel()
			inner, cancel := withReserve(outer)
			defer cancel()
			deadline, ok := inner.Deadline()
			require.True(t, ok)
			assert.WithinDuration(t, now.Add(tt.want), deadline, time.Second/10)
		})
	}
	inner, cancel := withReserve(t.Context())
	defer cancel()
	_, ok := inner.Deadline()
	assert.False(t, ok)
}

func TestHandlerIsMadeOnce(t *testing.T) {
	t.Parallel()
	calls := 0
	failure := errkind.Errorf(errkind.Misconfigured, "SFTPGO_HOST is not set")
	function := &lambdaHandler[event, string]{newHandler: func(context.Context) (Handler[event, string], error) {
		calls++
		if calls == 1 {
			return nil, failure
		}
		return handlerFunc(func(context.Context, event) (string, error) { return fmt.Sprint("handler ", calls), nil }), nil
	}}
	_, err := function.Invoke(invocationContext(t), []byte(payload))
	assert.Equal(t, messages.InvokeResponse_Error{Type: "Misconfigured", Message: "SFTPGO_HOST is not set"}, err)
	for range 2 {
		response, err := function.Invoke(invocationContext(t), []byte(payload))
		require.NoError(t, err)
		assert.Equal(t, `"handler 2"`, string(response), "again after an error, and then kept")
	}
	lines := logged.ofRequest(t, t.Name())
	require.Len(t, lines, 1)
	assert.Equal(t, "run-1", lines[0]["execution"])
}

// closer is a Handler with a connection.
type closer struct {
	handlerFunc
	closed *int
}

func (c closer) Close() { *c.closed++ }

func TestHandlerIsClosed(t *testing.T) {
	t.Parallel()
	closed := 0
	function := &lambdaHandler[event, string]{newHandler: func(context.Context) (Handler[event, string], error) {
		return closer{func(context.Context, event) (string, error) { return "", nil }, &closed}, nil
	}}
	function.close() // There is none yet.
	_, err := function.Invoke(invocationContext(t), []byte(payload))
	require.NoError(t, err)
	assert.Zero(t, closed, "it is kept for the next invocation")
	function.close()
	assert.Equal(t, 1, closed)
}

func TestTruncate(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", maxErrorText)
	tests := []struct {
		name string
		give string
		want string
	}{
		{"short", "é", "é"},
		{"invalid UTF-8", "a\xffb", "a�b"},
		{"just short enough", long[:maxErrorText], long[:maxErrorText]},
		{"cut between characters", "a" + long, "a" + strings.Repeat("é", (maxErrorText-4)/2) + "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := truncate(tt.give)
			assert.Equal(t, tt.want, got)
			assert.True(t, utf8.ValidString(got))
			assert.LessOrEqual(t, len(got), maxErrorText)
		})
	}
}

func TestErrorsAreNotLoggedTwice(t *testing.T) {
	t.Parallel()
	var to bytes.Buffer
	log := runtimeLogWriter{newLogger(&to, slog.LevelInfo)}
	_, err := log.Write([]byte(`{"errorMessage":"oh","errorType":"Unexpected"}` + "\n"))
	require.NoError(t, err)
	assert.Empty(t, to.String(), "it is logged already")
	_, err = log.Write([]byte("the process should exit\n"))
	require.NoError(t, err)
	assert.Contains(t, to.String(), `"level":"ERROR","msg":"the process should exit"`)
}

func TestMemoryLimitIsThatOfTheFunction(t *testing.T) { // not parallel, because the limit is the process's
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	none := debug.SetMemoryLimit(-1)
	setMemoryLimit("")
	assert.Equal(t, none, debug.SetMemoryLimit(-1))
	setMemoryLimit("256")
	assert.InDelta(t, 205<<20, debug.SetMemoryLimit(-1), 1<<20)
}
