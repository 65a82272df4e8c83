package endtoend

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// readTimeout is how long an output may take.
const readTimeout = 2 * time.Minute

// readUntil reads until a text, or to the end if it is empty, and returns what it
// read. The reader must end with its process.
func readUntil(t *testing.T, from io.Reader, text string) string {
	t.Helper()
	var seen strings.Builder
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 4096)
		for {
			n, err := from.Read(buffer)
			seen.Write(buffer[:n])
			if err != nil || text != "" && strings.Contains(seen.String(), text) {
				return
			}
		}
	}()
	select {
	case <-done:
	case <-time.After(readTimeout):
		t.Fatalf("%q did not come within %v", text, readTimeout)
	}
	require.Contains(t, seen.String(), text)
	return seen.String()
}
