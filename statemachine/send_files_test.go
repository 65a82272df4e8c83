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

// Only errors that pass with time are retried, besides a function that was killed; every
// other name would match nothing, or delay the run.
func TestSendFilesRetriesWhatPasses(t *testing.T) {
	t.Parallel()
	all := tasksOf(t, statemachine.SendFiles)
	killed := []string{"Sandbox.Timedout", "Runtime.ExitError", "Lambda.Unknown", "States.Timeout"}
	invocations := 0
	for name, s := range all {
		retried := map[string]int{}
		for _, retry := range s.Retry {
			assert.Positive(t, retry.MaxDelaySeconds, name)
			for _, errorName := range retry.ErrorEquals {
				retried[errorName] = retry.longestWait()
				isAWS := strings.HasPrefix(errorName, "States.") || strings.HasPrefix(errorName, "Lambda.")
				assert.True(t, isAWS || errkind.Kind(errorName).Retried() || slices.Contains(killed, errorName), "%s retries %s", name, errorName)
			}
		}
		if s.Resource != "arn:aws:states:::lambda:invoke" {
			continue
		}
		invocations++
		for errorName, seconds := range map[string]int{
			"Throttled": 60, "Unavailable": 60, "Lambda.TooManyRequestsException": 60, "Lambda.ServiceException": 60, "Lambda.EC2ThrottledException": 300,
		} {
			assert.GreaterOrEqual(t, retried[errorName], seconds, "%s: %s", name, errorName)
		}
	}
	assert.Equal(t, 5, invocations)
	for _, errorName := range killed {
		assert.True(t, slices.ContainsFunc(all["Send file"].Retry, func(r retrier) bool { return slices.Contains(r.ErrorEquals, errorName) }), errorName)
	}
}

func TestSendFilesCatchesAllErrors(t *testing.T) {
	t.Parallel()
	for name, s := range tasksOf(t, statemachine.SendFiles) {
		if s.Type != "Task" && s.Type != "Map" {
			continue
		}
		require.NotEmpty(t, s.Catch, name)
		assert.Equal(t, []string{"States.ALL"}, s.Catch[len(s.Catch)-1].ErrorEquals, name)
	}
}

// The lock of a run is free when the run has timed out, and every end of a run that may have
// the lock comes after it looked again.
func TestSendFilesReleasesTheLock(t *testing.T) {
	t.Parallel()
	var m struct {
		TimeoutSeconds int
		States         map[string]struct {
			Next  string
			Catch []struct{ Next string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(statemachine.SendFiles), &m))
	assert.Equal(t, runlock.RunTimeout, time.Duration(m.TimeoutSeconds)*time.Second)
	for _, name := range []string{"Check server", "Send each object"} {
		for _, caught := range m.States[name].Catch {
			assert.Equal(t, "Summarize run", caught.Next, name)
		}
	}
	assert.Equal(t, "Did the run begin?", m.States["Summarize run"].Next)
	assert.Equal(t, "Did the run begin?", m.States["Summarize run"].Catch[0].Next)
}
