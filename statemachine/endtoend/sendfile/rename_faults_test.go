package sendfile_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRenameOverAFileIsRefused(t *testing.T) {
	t.Parallel()
	w, server := newFaultyWorld(t)
	server.onRequest(func(method, _ string) error {
		if method == "PosixRename" {
			return sftp.ErrSSHFxOpUnsupported
		}
		return nil
	})
	for _, content := range []string{"first", "second", "third"} {
		w.put("out/a", []byte(content))
		_, err := w.send("out/a")
		require.NoError(t, err)
		w.requireArrived("/in/a", "out/a", []byte(content))
	}
}

// Wherever the exchange of two files is interrupted, each is there under some name, and the
// next attempt ends it.
func TestExchangeIsInterruptedAnywhere(t *testing.T) {
	t.Parallel()
	for stop := 1; ; stop++ {
		w, server := newFaultyWorld(t)
		w.put("out/a", []byte("old"))
		_, err := w.send("out/a")
		require.NoError(t, err)
		w.put("out/a", []byte("new!"))
		requests := 0
		var mu sync.Mutex
		server.onRequest(func(method, _ string) error {
			mu.Lock()
			defer mu.Unlock()
			if method == "PosixRename" {
				return sftp.ErrSSHFxOpUnsupported
			}
			if requests++; requests >= stop {
				return sftp.ErrSSHFxConnectionLost
			}
			return nil
		})
		_, failed := w.send("out/a")
		contents := map[string]bool{}
		for path := range w.files() {
			text, err := os.ReadFile(filepath.Join(w.home, path))
			require.NoError(t, err)
			contents[string(text)] = true
			if path == "/in/a" {
				assert.Contains(t, []string{"old", "new!"}, string(text))
			}
		}
		_, kept := w.object("out/a")
		assert.True(t, contents["old"] || contents["new!"], "stop at %d: %v", stop, contents)
		assert.True(t, kept || contents["new!"], "stop at %d", stop)
		server.onRequest(func(method, _ string) error {
			if method == "PosixRename" {
				return sftp.ErrSSHFxOpUnsupported
			}
			return nil
		})
		event := w.event("out/a")
		event.Retry = 1
		_, err = w.handle(t.Context(), event)
		require.NoError(t, err, "stop at %d", stop)
		w.requireArrived("/in/a", "out/a", []byte("new!"))
		if failed == nil {
			assert.Greater(t, stop, 8)
			return
		}
	}
}
