package sendfile_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/rangecopy"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

func TestServerIsDown(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, freeAddress(t), hostKey)
	w.put("out/a", []byte("a"))
	_, err := w.send("out/a")
	assert.Equal(t, errkind.Unavailable, errkind.Of(err))
	w.requireKept("/in/a", "out/a", []byte("a"))
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
