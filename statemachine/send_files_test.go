package statemachine_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/runlock"
	"github.com/digipres/sync-users/statemachine"
)

// A function that was killed is invoked again, but for summarize-send: it may have noted the
// mail as sent that is lost with its answer, and the end of the run tells then.
func TestSendFilesRetriesAKilledFunction(t *testing.T) {
	t.Parallel()
	for name, s := range tasksOf(t, statemachine.SendFiles) {
		for _, errorName := range killed {
			retried := slices.ContainsFunc(s.Retry, func(r retrier) bool { return slices.Contains(r.ErrorEquals, errorName) })
			assert.Equal(t, s.Resource == "arn:aws:states:::lambda:invoke" && name != "Summarize run", retried, "%s: %s", name, errorName)
		}
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
