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
	_, ok := hint.Of(io.EOF)
	assert.False(t, ok)

	err := fmt.Errorf("read: %w", hint.With(io.EOF, "Read on."))
	got, ok := hint.Of(errors.Join(err))
	assert.True(t, ok)
	assert.Equal(t, "Read on.", got)
	assert.EqualError(t, err, "read: EOF")
	assert.ErrorIs(t, err, io.EOF)
}
