package sendfile_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

func TestServerIsFull(t *testing.T) {
	t.Parallel()
	t.Run("quota of SFTPGo", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, func(account fixture.Document) { account["quota_size"] = 5 << 20 })
		requireFull(t, w)
	})
	t.Run("disk, with a server that says no more than failure", func(t *testing.T) {
		t.Parallel()
		w, server := newFaultyWorld(t)
		server.limited = true
		writes := 0
		server.onRequest(func(method, _ string) error {
			if method == "Write" {
				if writes++; writes > 100 {
					return sftp.ErrSSHFxFailure
				}
			}
			return nil
		})
		requireFull(t, w)
	})
}

func requireFull(t *testing.T, w *world) {
	t.Helper()
	content := random(10 << 20)
	w.put("out/a", content)
	_, err := w.send("out/a")
	require.Equal(t, errkind.DiskFull, errkind.Of(err), "%v", err)
	w.requireKept("/in/a", "out/a", content)
}

func TestMissingPermissions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		grant []string
		want  string
	}{
		{"to rename", []string{"list", "download", "upload", "overwrite", "create_dirs", "delete"}, "rename"},
		{"to make directories", []string{"list", "download", "upload", "overwrite", "rename", "delete"}, "make the directory"},
		{"to upload", []string{"list", "download", "create_dirs", "rename"}, "write"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(account fixture.Document) { account["permissions"] = fixture.Document{"/": tt.grant} })
			w.put("out/a", []byte("a"))
			_, err := w.send("out/a")
			assert.Equal(t, errkind.PermissionDenied, errkind.Of(err))
			assert.ErrorContains(t, err, tt.want)
			w.requireKept("/in/a", "out/a", []byte("a"))
		})
	}
}

// An account that may not read its files sends them, and begins anew after an interruption.
func TestAccountThatMayNotRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(account fixture.Document) {
		account["permissions"] = fixture.Document{"/": []string{"list", "upload", "overwrite", "rename", "create_dirs", "delete"}}
	})
	cutting := newProxy(t, partner.SFTPAddress.String())
	w.settings.Port = cutting.address().Port
	content := random(30 << 20)
	w.put("out/a", content)
	cutting.cutAfter.Store(20 << 20)
	_, err := w.send("out/a")
	require.Equal(t, errkind.Unavailable, errkind.Of(err), "%v", err)
	cutting.cutAfter.Store(0)
	event := w.event("out/a")
	event.Retry = 1
	result, err := w.handle(t.Context(), event)
	require.NoError(t, err)
	assert.EqualValues(t, len(content), result.BytesSent)
	w.requireArrived("/in/a", "out/a", content)
}

func TestDirectoryInTheWay(t *testing.T) {
	t.Parallel()
	for _, size := range []int{3, 70 << 20} {
		w := newWorld(t)
		content := random(size)
		w.put("out/a", content)
		require.NoError(t, os.MkdirAll(filepath.Join(w.home, "in", "a", "b"), 0o755))
		_, err := w.send("out/a")
		assert.Equal(t, errkind.Conflict, errkind.Of(err), "%v", err)
		assert.ErrorContains(t, err, "directory")
		w.requireKept("/in/a", "out/a", content)
	}
}

func TestFileInTheWayOfADirectory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put("out/x/a", []byte("a"))
	require.NoError(t, os.MkdirAll(filepath.Join(w.home, "in"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(w.home, "in", "x"), nil, 0o644))
	_, err := w.send("out/x/a")
	assert.NotNil(t, err)
	w.requireKept("/in/x/a", "out/x/a", []byte("a"))
}

// A server over an object store can't go on with a file.
func TestServerThatCannotGoOn(t *testing.T) {
	t.Parallel()
	for _, refusal := range []error{sftp.ErrSSHFxOpUnsupported, sftp.ErrSSHFxFailure} {
		w, server := newFaultyWorld(t)
		w.copier = smallRanges
		content := random(5 << 20)
		w.put("out/a", content)
		server.onRequest(func(method, _ string) error {
			if method == "Write" {
				time.Sleep(100 * time.Millisecond)
			}
			return nil
		})
		event := w.event("out/a")
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		result, err := w.handle(ctx, event)
		cancel()
		require.NoError(t, err)
		require.False(t, result.Done)
		require.Positive(t, result.Progress.Written)
		server.onRequest(func(method, path string) error {
			if _, err := os.Stat(server.path(path)); err == nil && method == "Put" {
				return refusal
			}
			return nil
		})
		event.Progress = result.Progress
		result, err = w.handle(t.Context(), event)
		require.NoError(t, err)
		assert.Equal(t, sendfile.Sent, result.Outcome)
		assert.EqualValues(t, len(content), result.BytesSent)
		w.requireArrived("/in/a", "out/a", content)
	}
}
