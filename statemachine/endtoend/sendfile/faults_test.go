package sendfile_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/pkg/sftp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/rangecopy"
	"github.com/digipres/sync-users/shared/domain/secret"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

func TestServerIsDown(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, freeAddress(t), hostKey)
	w.put("out/a", []byte("a"))
	_, err := w.send("out/a")
	assert.Equal(t, errkind.Unavailable, errkind.Of(err))
	w.requireKept("/in/a", "out/a", []byte("a"))
}

func TestRefusedLoginIsNotTriedAgainAtOnce(t *testing.T) {
	t.Parallel()
	w, server := newFaultyWorld(t)
	w.settings.Password = secret.New("wrong")
	w.put("out/a", []byte("a"))
	sender := w.sender()
	for range 3 {
		_, err := sender.Send(t.Context(), w.event("out/a"))
		assert.Equal(t, errkind.LoginRefused, errkind.Of(err))
		assert.NotContains(t, err.Error(), "wrong")
	}
	assert.Equal(t, 1, server.logins)
	w.requireKept("/in/a", "out/a", []byte("a"))
}

func TestWrongHostKey(t *testing.T) {
	t.Parallel()
	for _, key := range []any{nil, rsaKey(t, 2048), ed25519Key(t)} {
		server := newServer(t, key)
		w := newWorldAt(t, server.address, hostKey)
		w.put("out/a", []byte("a"))
		_, err := w.send("out/a")
		assert.Equal(t, errkind.HostKeyChanged, errkind.Of(err))
		assert.ErrorContains(t, err, strings.TrimSpace(server.hostKey))
		assert.ErrorContains(t, err, "SHA256:")
		assert.Zero(t, server.logins, "no password was sent")
		w.requireKept("/in/a", "out/a", []byte("a"))
	}
}

func TestConnectionIsCut(t *testing.T) {
	t.Parallel()
	for _, percent := range []int64{10, 50, 99} {
		t.Run(fmt.Sprint(percent), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			cutting := newProxy(t, partner.SFTPAddress.String())
			w.settings.Port = cutting.address().Port
			content := random(40 << 20)
			w.put("out/a", content)
			cutting.cutAfter.Store(int64(len(content)) * percent / 100)

			_, err := w.send("out/a")

			require.Equal(t, errkind.Unavailable, errkind.Of(err), "%v", err)
			w.requireKept("/in/a", "out/a", content)
			cutting.cutAfter.Store(0)
			event := w.event("out/a")
			event.Retry = 1
			result, err := w.handle(t.Context(), event)
			require.NoError(t, err)
			w.requireArrived("/in/a", "out/a", content)
			// All but the last two ranges are there already.
			assert.LessOrEqual(t, result.BytesSent, int64(len(content))*(100-percent)/100+16<<20)
			if percent == 99 {
				assert.Less(t, result.BytesSent, int64(len(content))/2, "it went on where it stopped")
			}
		})
	}
}

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

func TestServerStalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stalling := newProxy(t, partner.SFTPAddress.String())
	w.settings.Port = stalling.address().Port
	content := random(20 << 20)
	w.put("out/a", content)
	w.settings.StallLimit = time.Second
	sender := w.sender()
	require.NoError(t, w.client.Connect(t.Context()))
	stalling.stalled.Store(true)
	_, err := sender.Send(t.Context(), w.event("out/a"))
	assert.Equal(t, errkind.Unavailable, errkind.Of(err))
	stalling.stalled.Store(false)
	w.requireKept("/in/a", "out/a", content)
	_, err = w.send("out/a")
	require.NoError(t, err)
	w.requireArrived("/in/a", "out/a", content)
}

// smallRanges make many of a small file.
var smallRanges = rangecopy.Copier{ChunkSize: 256 << 10, Buffers: 4, RequestSize: 32 << 10, Requests: 16}

// A file that takes longer than an invocation is carried on by the next ones.
func TestSlowServer(t *testing.T) {
	t.Parallel()
	for _, verify := range []string{"size", "content"} {
		t.Run(verify, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.settings.Verify = verify
			w.copier = smallRanges
			slow := newProxy(t, partner.SFTPAddress.String())
			slow.bytesPerSecond.Store(2 << 20)
			w.settings.Port = slow.address().Port
			content := random(10 << 20)
			w.put("out/a", content)
			event := w.event("out/a")
			invocations, sent := 0, int64(0)
			for {
				invocations++
				require.Less(t, invocations, 30)
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				result, err := w.handle(ctx, event)
				cancel()
				require.NoError(t, err)
				sent += result.BytesSent
				if result.Done {
					assert.Equal(t, sendfile.Sent, result.Outcome)
					break
				}
				w.requireKept("/in/a", "out/a", content)
				event.Progress = result.Progress
			}
			assert.Greater(t, invocations, 1)
			assert.LessOrEqual(t, sent, int64(len(content))+int64(invocations)*smallRanges.Window(), "only what was not confirmed is sent twice")
			w.requireArrived("/in/a", "out/a", content)
		})
	}
}

// The object is deleted or replaced while it is being sent.
func TestSourceChangesWhileItIsSent(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"Write", "Setstat", "PosixRename"} {
		for _, what := range []string{"deleted", "replaced", "replaced, and the event names the version"} {
			t.Run(what+" at "+when, func(t *testing.T) {
				t.Parallel()
				w, server := newFaultyWorld(t)
				w.put("out/a", random(20<<20))
				event := w.event("out/a")
				if strings.Contains(what, "names") {
					head, err := w.sender().Source.Head(t.Context(), w.settings.SourceBucket, "out/a")
					require.NoError(t, err)
					event.Object.ETag = head.ETag
				}
				var once sync.Once
				server.onRequest(func(method, _ string) error {
					if method == when {
						once.Do(func() {
							if what == "deleted" {
								w.delete("out/a")
							} else {
								w.put("out/a", []byte("newer"))
							}
						})
					}
					return nil
				})
				result, err := w.handle(t.Context(), event)
				require.NoError(t, err)
				switch {
				case when == "PosixRename" && what == "deleted":
					assert.Equal(t, sendfile.Sent, result.Outcome)
					assert.Len(t, w.files(), 1)
				case when == "PosixRename": // too late to be seen: it stays for its own event
					assert.Equal(t, sendfile.Sent, result.Outcome)
					assert.Equal(t, sendfile.Keep, result.After)
					content, ok := w.object("out/a")
					assert.True(t, ok)
					assert.Equal(t, "newer", string(content))
				case what == "replaced":
					assert.Equal(t, sendfile.Sent, result.Outcome)
					w.requireArrived("/in/a", "out/a", []byte("newer"))
				default:
					assert.Equal(t, sendfile.Skipped, result.Outcome)
					assert.Empty(t, w.files())
				}
			})
		}
	}
}

func (w *world) delete(key string) {
	_, err := w.s3.DeleteObject(context.WithoutCancel(w.t.Context()), &s3.DeleteObjectInput{Bucket: &w.settings.SourceBucket, Key: &key})
	assert.NoError(w.t, err)
}

// A newer version that is sent at the same time is not replaced by the older one.
func TestOvertakenVersionDoesNotWin(t *testing.T) {
	t.Parallel()
	w, server := newFaultyWorld(t)
	older := random(20 << 20)
	w.put("out/a", older)
	var overtaken atomic.Bool
	server.onRequest(func(method, _ string) error {
		if method == "Setstat" && !overtaken.Swap(true) {
			other := *w
			other.client = nil
			other.put("out/a", []byte("newer"))
			result, err := other.handle(context.WithoutCancel(t.Context()), other.event("out/a"))
			assert.NoError(t, err)
			assert.Equal(t, sendfile.Sent, result.Outcome)
		}
		return nil
	})
	result, err := w.send("out/a")
	require.NoError(t, err)
	assert.Equal(t, sendfile.Skipped, result.Outcome)
	w.requireArrived("/in/a", "out/a", []byte("newer"))
}

// An event that comes twice at the same time.
func TestTwoInvocationsForOneVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for round := range 5 {
		content := random(20<<20 + round)
		w.put("out/a", content)
		var group sync.WaitGroup
		var sent atomic.Int32
		for range 3 {
			group.Go(func() {
				other := *w
				other.client = nil
				for retry := 0; ; retry++ {
					event := other.event("out/a")
					event.Retry = retry
					result, err := other.handle(t.Context(), event)
					if err == nil {
						if result.Outcome == sendfile.Sent {
							sent.Add(1)
						}
						other.client.Close()
						return
					}
					if !assert.Equal(t, errkind.Unavailable, errkind.Of(err), "%v", err) || !assert.Less(t, retry, 20) {
						return
					}
				}
			})
		}
		group.Wait()
		assert.GreaterOrEqual(t, sent.Load(), int32(1))
		w.requireArrived("/in/a", "out/a", content)
	}
}

func TestThrottledS3(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	content := random(20 << 20)
	w.put("out/a", content)
	throttling := &throttlingClient{next: w.cfg.HTTPClient}
	w.cfg.HTTPClient = throttling
	w.cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	w.s3 = s3.NewFromConfig(account, func(o *s3.Options) { o.UsePathStyle = true })
	var err error
	for retry := range 100 {
		event := w.event("out/a")
		event.Retry = retry
		if _, err = w.handle(t.Context(), event); err == nil {
			break
		}
		require.Contains(t, []errkind.Kind{errkind.Throttled, errkind.Unavailable}, errkind.Of(err), "%v", err)
		w.requireKept("/in/a", "out/a", content)
	}
	require.NoError(t, err)
	assert.Positive(t, throttling.refused.Load())
	w.requireArrived("/in/a", "out/a", content)
}

// throttlingClient refuses every seventh request.
type throttlingClient struct {
	next    aws.HTTPClient
	count   atomic.Int32
	refused atomic.Int32
}

func (c *throttlingClient) Do(r *http.Request) (*http.Response, error) {
	if c.count.Add(1)%7 != 0 {
		return c.next.Do(r)
	}
	c.refused.Add(1)
	return &http.Response{
		StatusCode: http.StatusServiceUnavailable, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(`<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>`)),
	}, nil
}

func TestDamagedContentIsNotPutInPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings.Verify = "content"
	w.put("out/a", []byte("content"))
	sender := w.sender()
	sender.Opener = damaging{sender.Opener}
	_, err := sender.Send(t.Context(), w.event("out/a"))
	assert.Equal(t, errkind.ContentMismatch, errkind.Of(err))
	w.requireKept("/in/a", "out/a", []byte("content"))
	assert.Empty(t, w.files(), "the temporary file is removed")
}

// damaging flips a bit of what is read back.
type damaging struct{ sendfile.Opener }

func (d damaging) OpenForReading(ctx context.Context, path string) (sendfile.ReadFile, error) {
	file, err := d.Opener.OpenForReading(ctx, path)
	return damagedFile{file}, err
}

type damagedFile struct{ sendfile.ReadFile }

func (f damagedFile) ReadAt(p []byte, offset int64) (int, error) {
	n, err := f.ReadFile.ReadAt(p, offset)
	p[0] ^= 1
	return n, err
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
