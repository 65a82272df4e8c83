package sendfile_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

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
