package hint_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/functions/cli/hint"
)

func TestHint(t *testing.T) {
	t.Parallel()
	assert.NoError(t, hint.With(nil, "Read on."))
	assert.Empty(t, hint.Of(io.EOF))

	err := fmt.Errorf("read: %w", hint.With(io.EOF, "Read on."))
	assert.Equal(t, "Read on.", hint.Of(errors.Join(err)))
	assert.EqualError(t, err, "read: EOF")
	assert.ErrorIs(t, err, io.EOF)
}
