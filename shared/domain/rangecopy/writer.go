package rangecopy

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// writer writes chunks, up to two of them at once.
type writer struct {
	copier    Copier
	writeFrom int64
	requests  chan request
	workers   sync.WaitGroup
	// underWay are the last chunks, two at most; confirmed is the position before them.
	underWay  []*writing
	confirmed Position
	written   atomic.Int64

	once   sync.Once
	failed chan struct{} // closed at the first error
	err    error
}

// request is one WriteAt.
type request struct {
	data   []byte
	offset int64
	of     *writing
}

// writing is a chunk of which requests may be under way.
type writing struct {
	end     int64
	digest  []byte
	pending atomic.Int64 // requests, and one while they are being handed out
	failed  atomic.Bool
	done    chan struct{}
	release func()
}

func (w *writing) finish() {
	if w.pending.Add(-1) == 0 {
		w.release()
		close(w.done)
	}
}

func (c Copier) newWriter(job Job) *writer {
	w := &writer{copier: c, writeFrom: job.WriteFrom, confirmed: Position{Offset: job.From}, requests: make(chan request), failed: make(chan struct{})}
	size := int64(c.RequestSize)
	for i := range min(int64(c.Requests), (job.Size-job.WriteFrom+size-1)/size) {
		w.workers.Go(func() { w.work(job.Targets[int(i)%len(job.Targets)]) })
	}
	return w
}

func (w *writer) work(target io.WriterAt) {
	for r := range w.requests {
		if n, err := target.WriteAt(r.data, r.offset); err != nil {
			r.of.failed.Store(true)
			w.fail(fmt.Errorf("write at byte %d: %w", r.offset, err))
		} else {
			w.written.Add(int64(n))
		}
		r.of.finish()
	}
}

func (w *writer) fail(err error) {
	w.once.Do(func() {
		w.err = err
		close(w.failed)
	})
}

// write hands out the requests of a chunk, once the chunk before the last one is
// written. It calls release when the buffer is not used any more.
func (w *writer) write(ctx context.Context, chunk *chunk, digest []byte, release func()) error {
	c := &writing{end: chunk.offset + int64(len(chunk.buffer)), digest: digest, done: make(chan struct{}), release: release}
	c.pending.Store(1)
	if len(w.underWay) == 2 {
		select {
		case <-w.underWay[0].done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !w.confirmFirst() {
			return w.err
		}
	}
	w.underWay = append(w.underWay, c)
	defer c.finish()
	for from := max(w.writeFrom-chunk.offset, 0); from < int64(len(chunk.buffer)); from += int64(w.copier.RequestSize) {
		to := min(from+int64(w.copier.RequestSize), int64(len(chunk.buffer)))
		c.pending.Add(1)
		select {
		case w.requests <- request{data: chunk.buffer[from:to], offset: chunk.offset + from, of: c}:
		case <-w.failed:
			c.failed.Store(true)
			c.finish()
			return w.err
		case <-ctx.Done():
			c.failed.Store(true)
			c.finish()
			return ctx.Err()
		}
	}
	return nil
}

// confirmFirst moves the position after the first chunk under way, which has ended.
// It returns false if the chunk could not be written.
func (w *writer) confirmFirst() bool {
	first := w.underWay[0]
	if first.failed.Load() {
		return false
	}
	w.underWay = w.underWay[1:]
	w.confirmed = Position{Offset: first.end, Digest: first.digest}
	return true
}

// wait waits for the requests under way, and returns the position after the last chunk
// up to which all are written. Given an error, it returns that one, and otherwise that
// of a request.
func (w *writer) wait(err error) (Position, error) {
	for _, c := range w.underWay {
		<-c.done
	}
	for len(w.underWay) > 0 && w.confirmFirst() {
	}
	w.confirmed.Written = w.written.Load()
	if err == nil {
		select {
		case <-w.failed:
			err = w.err
		default:
		}
	}
	return w.confirmed, err
}

// close ends the workers.
func (w *writer) close() {
	close(w.requests)
	w.workers.Wait()
}
