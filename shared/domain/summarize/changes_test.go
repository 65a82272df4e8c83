package summarize_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/summarize"
)

const changesKey = "changes/20261121T100000Z-e1.json"

// changedBucket has the results of a run that updated alice, took from bob what he had
// although his keys are missing, and left carl as he was.
func changedBucket() bucket {
	return bucket{
		"users":    `[{"username":"alice"},{"username":"bob","email":"bob@x.org"},{"username":"carl"}]`,
		"manifest": `{"ResultFiles":{"SUCCEEDED":[{"Key":"s0"}]}}`,
		"s0": `[{"Output":"{\"username\":\"alice\",\"outcome\":\"updated\",\"reason\":\"1 bucket added\",\"added\":[\"org-dev-a\"]}"},
			{"Output":"{\"username\":\"bob\",\"outcome\":\"failed\",\"caught\":{\"Error\":\"KeysMissing\",` +
			`\"Cause\":\"{\\\"errorMessage\\\":\\\"no keys (removed nevertheless: org-dev-a, org-prod-a)\\\"}\"}}"},
			{"Output":"{\"username\":\"carl\",\"outcome\":\"unchanged\",\"reason\":\"everything was as it should be\"}"}]`,
	}
}

func TestChangesAreSaved(t *testing.T) {
	t.Parallel()
	b := changedBucket()
	_, report := handle(t, b)
	var changes run.Report
	require.NoError(t, json.Unmarshal([]byte(b[changesKey]), &changes))
	assert.Equal(t, report.Summary, changes.Summary)
	assert.Equal(t, report.Results[:2], changes.Results)
	assert.Equal(t, []string{"org-dev-a", "org-prod-a"}, changes.Results[1].Removed)
}

func TestNothingIsSavedOfARunWithoutChanges(t *testing.T) {
	t.Parallel()
	b := changedBucket()
	dryRun := event
	dryRun.Run.DryRun = true
	_, err := summarize.Function{Reader: b, Writer: b, Now: time.Now}.Handle(t.Context(), dryRun)
	require.NoError(t, err)
	assert.NotContains(t, b, changesKey)

	b["users"] = `[{"username":"carl"}]`
	handle(t, b)
	assert.NotContains(t, b, changesKey)
}

// A run whose changes can't be saved is tried again, because nothing else keeps them apart.
func TestErrorOfChangesIsReturned(t *testing.T) {
	t.Parallel()
	b := changedBucket()
	_, err := summarize.Function{Reader: b, Writer: failingWriter{b, changesKey}, Now: time.Now}.Handle(t.Context(), event)
	assert.ErrorContains(t, err, "save the report")
}
