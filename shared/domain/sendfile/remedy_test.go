package sendfile_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

func TestEveryFailureHasARemedy(t *testing.T) {
	t.Parallel()
	// What only runs over users have.
	others := []errkind.Kind{
		errkind.RunInProgress, errkind.Superseded, errkind.RunLockLost, errkind.NotEligible, errkind.IncompleteReading, errkind.TooManyLosses,
		errkind.KeysMissing,
	}
	for _, kind := range slices.Concat(errkind.Kinds, errkind.FileKinds) {
		if !slices.Contains(others, kind) {
			assert.NotEmpty(t, sendfile.Remedies[kind], kind)
		}
	}
}
