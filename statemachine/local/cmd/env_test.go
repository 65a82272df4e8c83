package main

import (
	"io"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
)

func TestQuotedValueIsOneWord(t *testing.T) {
	t.Parallel()
	for _, give := range []string{"plain", "two words", "$(date) `date` \\ \"", "it's"} {
		got, err := exec.Command("sh", "-c", "printf %s "+quote(give)).Output()
		require.NoError(t, err)
		assert.Equal(t, give, string(got))
	}
}

func TestEnvOfCloudThatIsNotUp(t *testing.T) {
	t.Parallel()
	err := env(t.Context(), t.TempDir(), io.Discard)

	require.ErrorIs(t, err, local.ErrNotUp)
	assert.ErrorContains(t, err, "make up")
}
