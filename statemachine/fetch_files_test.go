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

// Only errors that pass with time are retried, besides a function that was killed: each of
// fetch-files' functions can be invoked again.
func TestFetchFilesRetriesWhatPasses(t *testing.T) {
	t.Parallel()
	killed := []string{"Sandbox.Timedout", "Runtime.ExitError", "Lambda.Unknown", "States.Timeout"}
	invocations := 0
	for name, s := range tasksOf(t, statemachine.FetchFiles) {
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
			"Sandbox.Timedout": 60, "Runtime.ExitError": 60,
		} {
			assert.GreaterOrEqual(t, retried[errorName], seconds, "%s: %s", name, errorName)
		}
	}
	assert.Equal(t, 6, invocations)
}

func TestFetchFilesCatchesAllErrors(t *testing.T) {
	t.Parallel()
	for name, s := range tasksOf(t, statemachine.FetchFiles) {
		if s.Type != "Task" && s.Type != "Map" {
			continue
		}
		require.NotEmpty(t, s.Catch, name)
		assert.Equal(t, []string{"States.ALL"}, s.Catch[len(s.Catch)-1].ErrorEquals, name)
	}
}

// A connector takes 1,000 files that wait, and a batch has 50
// (https://docs.aws.amazon.com/transfer/latest/userguide/scale-and-limits-sftp-connector.html).
func TestFetchFilesKeepsToTheConnectorsLimits(t *testing.T) {
	t.Parallel()
	var m struct {
		TimeoutSeconds int
		States         map[string]struct{ MaxConcurrency int }
	}
	require.NoError(t, json.Unmarshal([]byte(statemachine.FetchFiles), &m))
	assert.Equal(t, runlock.RunTimeout, time.Duration(m.TimeoutSeconds)*time.Second)
	assert.Less(t, m.States["Fetch each batch"].MaxConcurrency*50, 1000)
	for _, name := range []string{"List each folder", "Clean up each folder"} {
		assert.Positive(t, m.States[name].MaxConcurrency, name)
		assert.LessOrEqual(t, m.States[name].MaxConcurrency, 5, name)
	}
}
