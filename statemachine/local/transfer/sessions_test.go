package transfer

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSessionName(t *testing.T) {
	t.Parallel()
	s := Server{ID: "s-0123456789abcdef0"}
	assert.Regexp(t, `^alice@example\.org\.[0-9a-f]{16}@s-0123456789abcdef0$`, s.sessionName("alice@example.org"))
	assert.Regexp(t, `^x{27}\.[0-9a-f]{16}@s-0123456789abcdef0$`, s.sessionName(strings.Repeat("x", 100)))
	assert.Len(t, s.sessionName(strings.Repeat("x", 100)), longestSessionName)
}
