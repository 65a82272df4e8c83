package statemachine_test

import (
	"encoding/json"
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
	TimeoutSeconds int
	Retry          []struct {
		ErrorEquals     []string
		MaxDelaySeconds int
	}
	Catch []struct {
		ErrorEquals []string
	}
	ItemProcessor struct{ States map[string]task }
}

func tasks(t *testing.T) map[string]task {
	t.Helper()
	var m struct{ States map[string]task }
	require.NoError(t, json.Unmarshal([]byte(statemachine.Definition), &m))
	all := map[string]task{}
	for name, s := range m.States {
		all[name] = s
		for inner, s := range s.ItemProcessor.States {
			all[inner] = s
		}
	}
	return all
}

// A Retry or Catch of an error name that no function returns would match nothing.
func TestMatchedErrorNamesExist(t *testing.T) {
	t.Parallel()
	names := 0
	for name, s := range tasks(t) {
		var matched []string
		for _, retry := range s.Retry {
			matched = append(matched, retry.ErrorEquals...)
		}
		for _, caught := range s.Catch {
			matched = append(matched, caught.ErrorEquals...)
		}
		for _, errorName := range matched {
			names++
			isKind := slices.Contains(errkind.Kinds, errkind.Kind(errorName))
			isAWS := strings.HasPrefix(errorName, "States.") || strings.HasPrefix(errorName, "Lambda.")
			assert.True(t, isKind || isAWS, "%s matches %s, which nothing returns", name, errorName)
		}
	}
	assert.Positive(t, names)
}

// A retry of a permanent error, such as a missing key, would only delay the run.
func TestOnlyTransientErrorsAreRetried(t *testing.T) {
	t.Parallel()
	transient := []errkind.Kind{errkind.Throttled, errkind.Unavailable, errkind.RunInProgress}
	for name, s := range tasks(t) {
		for _, retry := range s.Retry {
			assert.Positive(t, retry.MaxDelaySeconds, "%s: the delay has no maximum", name)
			for _, errorName := range retry.ErrorEquals {
				if slices.Contains(errkind.Kinds, errkind.Kind(errorName)) {
					assert.Contains(t, transient, errkind.Kind(errorName), name)
				}
			}
		}
	}
}

func TestEveryTaskCatchesAllErrors(t *testing.T) {
	t.Parallel()
	for name, s := range tasks(t) {
		if s.Type != "Task" && s.Type != "Map" {
			continue
		}
		require.NotEmpty(t, s.Catch, name)
		assert.Equal(t, []string{"States.ALL"}, s.Catch[len(s.Catch)-1].ErrorEquals, name)
	}
}

// The lock of a run that was stopped is held until its invocations have ended.
func TestTimeoutsAreThoseOfTheLock(t *testing.T) {
	t.Parallel()
	var m struct{ TimeoutSeconds int }
	require.NoError(t, json.Unmarshal([]byte(statemachine.Definition), &m))
	assert.Equal(t, runlock.RunTimeout, time.Duration(m.TimeoutSeconds)*time.Second)
	for _, name := range []string{"Sync user", "Check SFTPGo"} {
		assert.Equal(t, runlock.InvocationTimeout, time.Duration(tasks(t)[name].TimeoutSeconds)*time.Second, name)
	}
}
