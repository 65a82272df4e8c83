// Package rangecopy copies large content by ranges: it reads several ranges ahead at
// once, passes them in order to checksums, and writes them with many requests at once.
package rangecopy

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Source is content of a known size.
type Source interface {
	// ReadRange fills the buffer from an offset. It may be called concurrently.
	ReadRange(ctx context.Context, buffer []byte, offset int64) error
}

// Digest is the state of checksums over all bytes so far.
type Digest interface {
	io.Writer
	MarshalBinary() ([]byte, error)
}

// Copier copies content. Its memory is Buffers × ChunkSize; all fields must be above 0.
type Copier struct {
	// ChunkSize is the size of the ranges that are read, in bytes, and Buffers how many of
	// them are in memory. Up to two chunks are written at once, so bytes up to 2 × ChunkSize
	// before the end of an interrupted file may be missing.
	ChunkSize int
	Buffers   int
	// RequestSize is how much one WriteAt writes, in bytes, and Requests how many of them
	// are under way at once.
	RequestSize int
	Requests    int
}

// Default reads up to 10 ranges of 4 MiB at once, and takes 48 MiB of memory. SFTP servers
// take requests of 32 KiB
// (https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02#section-3), and
// 256 of them make more than SSH's usual window of 2 MiB for each of four channels.
var Default = Copier{ChunkSize: 4 << 20, Buffers: 12, RequestSize: 32 << 10, Requests: 256}

// Window is how many bytes before the end of an interrupted file may be missing.
func (c Copier) Window() int64 { return 2 * int64(c.ChunkSize) }

// Job is what to copy.
type Job struct {
	Source Source
	// Size is that of the whole content.
	Size int64
	// From is where Digest begins, and WriteFrom where to write from; WriteFrom is not below
	// From. What is between is only read.
	From, WriteFrom int64
	Digest          Digest
	// Targets are handles of one file, which the requests are spread over. Their WriteAt
	// must return soon after the context of the copy has ended.
	Targets []io.WriterAt
	// StopAt is when to stop before the end; zero means never.
	StopAt time.Time
}

// Position is how far a copy has come.
type Position struct {
	// Offset is the number of bytes from the beginning that are all written.
	Offset int64
	// Digest is the state of the Digest after them; nil if it is as it was.
	Digest []byte
	// Written is how many bytes this copy wrote.
	Written int64
}

// chunk is a range on its way.
type chunk struct {
	offset int64
	buffer []byte
	err    error
	read   chan struct{} // closed when the buffer is filled or err is set
}

// Copy copies until the end or StopAt, whichever is first. It returns how far it has
// come, also with an error.
func (c Copier) Copy(ctx context.Context, job Job) (Position, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	chunks := c.readAhead(ctx, job)
	writer := c.newWriter(job)
	defer writer.close()
	for chunk := range chunks.inOrder {
		if !job.StopAt.IsZero() && !time.Now().Before(job.StopAt) {
			break
		}
		select {
		case <-chunk.read:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return writer.wait(ctx.Err())
		}
		if chunk.err != nil {
			return writer.wait(fmt.Errorf("read from byte %d: %w", chunk.offset, chunk.err))
		}
		if _, err := job.Digest.Write(chunk.buffer); err != nil {
			return writer.wait(err)
		}
		state, err := job.Digest.MarshalBinary()
		if err != nil {
			return writer.wait(err)
		}
		if err := writer.write(ctx, chunk, state, func() { chunks.free <- chunk.buffer[:cap(chunk.buffer)] }); err != nil {
			return writer.wait(err)
		}
	}
	return writer.wait(nil)
}

type readers struct {
	inOrder chan *chunk
	// free has the buffers that are not in use. It has room for all of them.
	free chan []byte
}

// readAhead reads all ranges, each as soon as there is a buffer.
func (c Copier) readAhead(ctx context.Context, job Job) readers {
	r := readers{inOrder: make(chan *chunk, c.Buffers), free: make(chan []byte, c.Buffers)}
	length := int64(c.ChunkSize)
	count := int((job.Size - job.From + length - 1) / length)
	for range min(c.Buffers, count) {
		r.free <- nil // made when it is needed
	}
	go func() {
		defer close(r.inOrder)
		for offset := job.From; offset < job.Size; offset += length {
			var buffer []byte
			select {
			case buffer = <-r.free:
			case <-ctx.Done():
				return
			}
			size := min(length, job.Size-offset)
			if buffer == nil {
				buffer = make([]byte, size)
			}
			next := &chunk{offset: offset, buffer: buffer[:size], read: make(chan struct{})}
			r.inOrder <- next
			go func() {
				defer close(next.read)
				next.err = job.Source.ReadRange(ctx, next.buffer, next.offset)
			}()
		}
	}()
	return r
}
