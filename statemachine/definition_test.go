package statemachine_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/runlock"
	"github.com/digipres/sync-users/statemachine"
)

// task is a state with its error handling.
type task struct {
	Type           string
	Resource       string
	TimeoutSeconds int
	Retry          []retrier
	Catch          []struct {
		ErrorEquals []string
	}
	ItemProcessor struct {
		ProcessorConfig struct{ ExecutionType string }
		States          map[string]task
	}
}

type retrier struct {
	ErrorEquals                                   []string
	IntervalSeconds, MaxDelaySeconds, MaxAttempts int
	BackoffRate                                   float64
}

// longestWait returns the seconds that a state waits at most before all attempts
// that this retrier gives it.
func (r retrier) longestWait() int {
	sum, delay := 0, float64(r.IntervalSeconds)
	for range r.MaxAttempts {
		sum += int(min(delay, float64(r.MaxDelaySeconds)))
		delay *= r.BackoffRate
	}
	return sum
}

// definitions are those of all workflows.
var definitions = map[string]string{
	"sync-users": statemachine.Definition, "send-files": statemachine.SendFiles, "fetch-files": statemachine.FetchFiles,
}

// forEachTask runs a test for each state of each workflow.
func forEachTask(t *testing.T, test func(t *testing.T, s task)) {
	t.Helper()
	for workflow, definition := range definitions {
		for name, s := range tasksOf(t, definition) {
			t.Run(workflow+"/"+name, func(t *testing.T) {
				t.Parallel()
				test(t, s)
			})
		}
	}
}

func tasks(t *testing.T) map[string]task {
	t.Helper()
	return tasksOf(t, statemachine.Definition)
}

func tasksOf(t *testing.T, definition string) map[string]task {
	t.Helper()
	var m struct{ States map[string]task }
	require.NoError(t, json.Unmarshal([]byte(definition), &m))
	all := map[string]task{}
	for name, s := range m.States {
		all[name] = s
		for inner, s := range s.ItemProcessor.States {
			all[inner] = s
		}
	}
	require.NotEmpty(t, all)
	return all
}

// killed is what an invocation fails with whose function was killed
// (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html).
var killed = []string{"Sandbox.Timedout", "Runtime.ExitError", "Lambda.Unknown", "States.Timeout"}

// A Retry or Catch of an error name that no function returns would match nothing.
func TestMatchedErrorNamesExist(t *testing.T) {
	t.Parallel()
	forEachTask(t, func(t *testing.T, s task) {
		var matched []string
		for _, retry := range s.Retry {
			matched = append(matched, retry.ErrorEquals...)
		}
		for _, caught := range s.Catch {
			matched = append(matched, caught.ErrorEquals...)
		}
		for _, errorName := range matched {
			isKind := slices.Contains(errkind.Kinds, errkind.Kind(errorName))
			isAWS := strings.HasPrefix(errorName, "States.") || strings.HasPrefix(errorName, "Lambda.")
			assert.True(t, isKind || isAWS || slices.Contains(killed, errorName), "nothing returns %s", errorName)
		}
	})
}

// A retry of a permanent error, such as a missing key, would only delay the run.
func TestOnlyTransientErrorsAreRetried(t *testing.T) {
	t.Parallel()
	transient := []errkind.Kind{errkind.Throttled, errkind.Unavailable, errkind.RunInProgress}
	forEachTask(t, func(t *testing.T, s task) {
		for _, retry := range s.Retry {
			assert.Positive(t, retry.MaxDelaySeconds, "the delay has no maximum")
			for _, errorName := range retry.ErrorEquals {
				if slices.Contains(errkind.Kinds, errkind.Kind(errorName)) {
					assert.Contains(t, transient, errkind.Kind(errorName))
				}
			}
		}
	})
}

// Lambda's own errors pass: the service's within seconds
// (https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html),
// and those of a function in a VPC that was not invoked for weeks within minutes,
// because its network is set up anew
// (https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html).
func TestEveryInvocationRetriesLambdasErrors(t *testing.T) {
	t.Parallel()
	seconds := []string{
		"Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException",
		"Lambda.TooManyRequestsException", "Lambda.ClientExecutionTimeoutException",
	}
	minutes := []string{
		"Lambda.ResourceConflictException", "Lambda.ResourceNotReadyException",
		"Lambda.EC2ThrottledException", "Lambda.EC2UnexpectedException",
	}
	forEachTask(t, func(t *testing.T, s task) {
		if s.Resource != "arn:aws:states:::lambda:invoke" {
			return
		}
		longest := map[string]int{}
		for _, retry := range s.Retry {
			for _, errorName := range retry.ErrorEquals {
				longest[errorName] = retry.longestWait()
			}
		}
		for _, errorName := range seconds {
			assert.GreaterOrEqual(t, longest[errorName], 60, errorName)
		}
		for _, errorName := range minutes {
			assert.GreaterOrEqual(t, longest[errorName], 5*60, errorName)
		}
	})
}

// An Express execution is stopped after five minutes, and could not say then why it
// failed (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
func TestExpressChildrenEndWithinFiveMinutes(t *testing.T) {
	t.Parallel()
	const limit, spare = 5 * 60, 10
	express := tasksOf(t, statemachine.WithExpressChildren())
	assert.Equal(t, "EXPRESS", express["Sync each user"].ItemProcessor.ProcessorConfig.ExecutionType)
	assert.Equal(t, "STANDARD", tasks(t)["Sync each user"].ItemProcessor.ProcessorConfig.ExecutionType)
	sync := express["Sync user"]
	// The function says Unavailable when its time is over, and is then retried. What
	// the second retrier is for comes at once, from Lambda itself.
	require.Len(t, sync.Retry, 2)
	require.Contains(t, sync.Retry[0].ErrorEquals, "Unavailable")
	attempts := (1 + sync.Retry[0].MaxAttempts) * sync.TimeoutSeconds
	assert.LessOrEqual(t, attempts+sync.Retry[0].longestWait()+sync.Retry[1].longestWait(), limit-spare)
	assert.Less(t, statemachine.ExpressSyncSeconds, sync.TimeoutSeconds, "the function's time")
}

// Only what has to fit into five minutes differs.
func TestExpressChildrenChangeNothingElse(t *testing.T) {
	t.Parallel()
	standard, express := tasks(t), tasksOf(t, statemachine.WithExpressChildren())
	require.Len(t, express, len(standard))
	for name, s := range standard {
		if name != "Sync user" && name != "Sync each user" {
			assert.Equal(t, s, express[name], name)
		}
	}
	var errors [2][]string
	for i, s := range []task{standard["Sync user"], express["Sync user"]} {
		for _, retry := range s.Retry {
			errors[i] = append(errors[i], retry.ErrorEquals...)
		}
	}
	assert.Equal(t, errors[0], errors[1])
	for _, name := range regexp.MustCompile(`\$\{\w+\}`).FindAllString(statemachine.Definition, -1) {
		assert.Contains(t, statemachine.WithExpressChildren(), name)
	}
}

func TestEveryTaskCatchesAllErrors(t *testing.T) {
	t.Parallel()
	forEachTask(t, func(t *testing.T, s task) {
		if s.Type != "Task" && s.Type != "Map" {
			return
		}
		require.NotEmpty(t, s.Catch)
		assert.Equal(t, []string{"States.ALL"}, s.Catch[len(s.Catch)-1].ErrorEquals)
	})
}

// The lock of a run that was stopped is held until its invocations have ended.
func TestTimeoutsAreThoseOfTheLock(t *testing.T) {
	t.Parallel()
	var m struct{ TimeoutSeconds int }
	require.NoError(t, json.Unmarshal([]byte(statemachine.Definition), &m))
	assert.Equal(t, runlock.RunTimeout, time.Duration(m.TimeoutSeconds)*time.Second)
	for _, name := range []string{"Sync user", "Check server"} {
		assert.Equal(t, runlock.InvocationTimeout, time.Duration(tasks(t)[name].TimeoutSeconds)*time.Second, name)
	}
}
