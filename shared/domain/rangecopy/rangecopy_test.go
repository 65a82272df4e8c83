package rangecopy_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
	"hash"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/rangecopy"
)

var small = rangecopy.Copier{ChunkSize: 1000, Buffers: 4, RequestSize: 100, Requests: 7}

// content is a source in memory.
type content struct {
	data []byte
	// failAt is the offset of the range that can't be read; 0 for none.
	failAt int64
}

var _ rangecopy.Source = content{}

var errBroken = errors.New("broken")

func (c content) ReadRange(ctx context.Context, buffer []byte, offset int64) error {
	if c.failAt > 0 && offset >= c.failAt {
		return errBroken
	}
	copy(buffer, c.data[offset:])
	return ctx.Err()
}

// file is a target in memory.
type file struct {
	mu   sync.Mutex
	data []byte
	// failAt is the offset from which nothing can be written; 0 for none.
	failAt int64
	// now is how many requests there are, atOnce the most at one time, and requests all.
	now, atOnce, requests int
}

func (f *file) WriteAt(p []byte, offset int64) (int, error) {
	f.mu.Lock()
	f.now++
	f.requests++
	f.atOnce = max(f.atOnce, f.now)
	f.mu.Unlock()
	time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now--
	if f.failAt > 0 && offset >= f.failAt {
		return 0, errBroken
	}
	if missing := int(offset) + len(p) - len(f.data); missing > 0 {
		f.data = append(f.data, make([]byte, missing)...)
	}
	copy(f.data[offset:], p)
	return len(p), nil
}

func random(size int) []byte {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(size)}).Read(data)
	return data
}

type digest struct {
	hash.Hash
	encoding.BinaryMarshaler
}

func newDigest() digest {
	h := sha256.New()
	return digest{h, h.(encoding.BinaryMarshaler)}
}

func TestCopyCopiesEveryByte(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 99, 100, 101, 999, 1000, 1001, 4000, 12345} {
		data := random(size)
		target, sum := &file{}, newDigest()
		position, err := small.Copy(t.Context(), rangecopy.Job{
			Source: content{data: data}, Size: int64(size), Digest: sum, Targets: []io.WriterAt{target},
		})
		require.NoError(t, err)
		assert.True(t, bytes.Equal(data, target.data), size)
		assert.EqualValues(t, size, position.Offset)
		assert.EqualValues(t, size, position.Written)
		want := sha256.Sum256(data)
		assert.Equal(t, want[:], sum.Sum(nil), size)
		assert.LessOrEqual(t, target.atOnce, small.Requests)
	}
}

func TestCopyGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	data := random(10_000)
	target := &file{}
	var position rangecopy.Position
	// Each copy reads one chunk.
	for round := 0; position.Offset < 10_000; round++ {
		require.Less(t, round, 100)
		sum := newDigest()
		if position.Digest != nil {
			require.NoError(t, sum.Hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(position.Digest))
		}
		next, err := small.Copy(t.Context(), rangecopy.Job{
			Source: content{data: data, failAt: position.Offset + 1000}, Size: 10_000,
			From: position.Offset, WriteFrom: position.Offset, Digest: sum, Targets: []io.WriterAt{target},
		})
		if err != nil {
			require.ErrorIs(t, err, errBroken)
		}
		require.GreaterOrEqual(t, next.Offset, position.Offset)
		if next.Offset > position.Offset {
			require.NotNil(t, next.Digest)
			position = next
		}
		require.True(t, bytes.Equal(data[:position.Offset], target.data[:position.Offset]), "all bytes up to the position are written")
	}
	assert.Equal(t, data, target.data)
}

func TestCopyStopsInTime(t *testing.T) {
	t.Parallel()
	target := &file{}
	position, err := small.Copy(t.Context(), rangecopy.Job{
		Source: content{data: random(5000)}, Size: 5000, Digest: newDigest(), Targets: []io.WriterAt{target}, StopAt: time.Now().Add(-time.Second),
	})
	require.NoError(t, err)
	assert.Zero(t, position.Offset)
	assert.Nil(t, position.Digest)
	assert.Empty(t, target.data)
}

func TestPositionIsBeforeTheFirstByteThatIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, failAt := range []int64{1, 999, 1000, 4321, 9900} {
		data := random(10_000)
		target := &file{failAt: failAt}
		position, err := small.Copy(t.Context(), rangecopy.Job{
			Source: content{data: data}, Size: 10_000, Digest: newDigest(), Targets: []io.WriterAt{target},
		})
		require.ErrorIs(t, err, errBroken)
		require.ErrorContains(t, err, "write at byte")
		// A request is 100 bytes, so one that begins before failAt is written.
		written := (failAt + 99) / 100 * 100
		assert.LessOrEqual(t, position.Offset, written, failAt)
		assert.GreaterOrEqual(t, position.Offset, written-2*1000, failAt)
		assert.Equal(t, data[:position.Offset], target.data[:position.Offset])
	}
}

func TestReadErrorKeepsWhatIsWritten(t *testing.T) {
	t.Parallel()
	data := random(10_000)
	target := &file{}
	position, err := small.Copy(t.Context(), rangecopy.Job{
		Source: content{data: data, failAt: 5000}, Size: 10_000, Digest: newDigest(), Targets: []io.WriterAt{target},
	})
	require.ErrorIs(t, err, errBroken)
	assert.EqualValues(t, 5000, position.Offset)
	assert.Equal(t, data[:5000], target.data)
}

func TestWhatIsThereIsOnlyRead(t *testing.T) {
	t.Parallel()
	data := random(10_000)
	target, sum := &file{data: bytes.Clone(data[:4567])}, newDigest()
	position, err := small.Copy(t.Context(), rangecopy.Job{
		Source: content{data: data}, Size: 10_000, WriteFrom: 4567, Digest: sum, Targets: []io.WriterAt{target},
	})
	require.NoError(t, err)
	assert.Equal(t, data, target.data)
	assert.EqualValues(t, 10_000-4567, position.Written)
	want := sha256.Sum256(data)
	assert.Equal(t, want[:], sum.Sum(nil))
}

func TestRequestsAreSpreadOverTargets(t *testing.T) {
	t.Parallel()
	data := random(100_000)
	targets := []*file{{}, {}, {}}
	_, err := small.Copy(t.Context(), rangecopy.Job{
		Source: content{data: data}, Size: 100_000, Digest: newDigest(), Targets: []io.WriterAt{targets[0], targets[1], targets[2]},
	})
	require.NoError(t, err)
	for _, target := range targets {
		assert.Greater(t, target.requests, 100)
	}
}
