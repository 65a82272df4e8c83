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

// Each of fetch-files' functions can be invoked again when it was killed.
func TestFetchFilesRetriesAKilledFunction(t *testing.T) {
	t.Parallel()
	for name, s := range tasksOf(t, statemachine.FetchFiles) {
		if s.Resource != "arn:aws:states:::lambda:invoke" {
			continue
		}
		for _, errorName := range killed {
			retried := slices.ContainsFunc(s.Retry, func(r retrier) bool { return slices.Contains(r.ErrorEquals, errorName) })
			assert.True(t, retried, "%s: %s", name, errorName)
		}
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
