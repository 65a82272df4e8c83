package run_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

func TestEveryFailureHasARemedy(t *testing.T) {
	t.Parallel()
	for _, kind := range errkind.Kinds {
		if kind != errkind.InvalidInput { // Its text says what is wrong.
			assert.NotEmpty(t, run.Remedies[kind], kind)
		}
	}
	assert.Equal(t, "Put both keys into Parameter Store.", run.Result{Outcome: run.Failed, Error: "KeysMissing"}.Remedy())
	assert.Contains(t, run.Result{Outcome: run.Failed, Error: "States.Timeout"}.Remedy(), "start another run")
	assert.Empty(t, run.Result{Outcome: run.Skipped}.Remedy())
}
