package sftp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path"
	"sync"
	"sync/atomic"
	"time"

	pkgsftp "github.com/pkg/sftp"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// OpenForWriting opens a file for writing anywhere in it, and creates it if it is not there.
func (c *Client) OpenForWriting(ctx context.Context, path string, size int64) (sendfile.File, error) {
	s, err := c.current()
	if err != nil {
		return nil, err
	}
	end := s.begin(ctx)
	opened, err := s.sftp.OpenFile(path, os.O_WRONLY|os.O_CREATE)
	end()
	if err != nil {
		return nil, s.classify(ctx, "write", path, err)
	}
	f := &file{ctx: ctx, session: s, path: path, first: opened, stop: context.AfterFunc(ctx, func() { s.close(ctx.Err()) })}
	if size >= manyHandlesSize {
		f.extra = make([]extraHandle, maxExtraHandles)
	}
	return f, nil
}

const (
	// manyHandlesSize is from how many bytes on a file is opened more than once, on as many
	// channels of the connection. A channel has a window of 2 MiB at most servers, which
	// limits what one can send within the time that an answer takes.
	manyHandlesSize = 32 << 20
	maxExtraHandles = 3
)

// file is a file that is open for writing.
type file struct {
	ctx     context.Context // of the writes
	stop    func() bool
	session *session
	path    string
	first   *pkgsftp.File // nil when it is closed
	extra   []extraHandle
	// confirmed is the end of the last bytes that the server has confirmed on the first handle.
	confirmed atomic.Int64
}

// extraHandle is a further handle of a file, which is opened when it is used.
type extraHandle struct {
	once    sync.Once
	channel *pkgsftp.Client
	handle  *pkgsftp.File // nil if it can't be used
}

// Handles returns the handles, whose WriteAt sends one request and waits for the answer.
func (f *file) Handles() []io.WriterAt {
	all := []io.WriterAt{writerAt{f, nil}}
	for i := range f.extra {
		all = append(all, writerAt{f, &f.extra[i]})
	}
	return all
}

type writerAt struct {
	file  *file
	extra *extraHandle
}

func (w writerAt) WriteAt(p []byte, offset int64) (int, error) {
	f, s, handle := w.file, w.file.session, w.file.first
	if w.extra != nil && f.confirmed.Load() > 0 {
		w.extra.once.Do(func() { w.extra.channel, w.extra.handle = f.openAgain() })
		if w.extra.handle != nil {
			handle = w.extra.handle
		}
	}
	s.beginRequest()
	n, err := handle.WriteAt(p, offset)
	s.endRequest()
	if err != nil {
		return n, f.writeError(int64(len(p)), err)
	}
	if handle == f.first {
		f.confirmed.Store(offset + int64(n))
	}
	return n, nil
}

// openAgain opens the file on another channel. It returns nil unless the new handle shows what
// was written by the first: a server that keeps files in an object store has one upload for
// each handle, and would mix them up.
func (f *file) openAgain() (*pkgsftp.Client, *pkgsftp.File) {
	s := f.session
	s.beginRequest()
	defer s.endRequest()
	written := f.confirmed.Load()
	channel, err := s.openChannel()
	if err != nil {
		return nil, nil
	}
	handle, err := channel.OpenFile(f.path, os.O_WRONLY)
	if err != nil {
		s.releaseChannel(channel)
		return nil, nil
	}
	info, err := handle.Stat()
	if err != nil || info.Size() < written {
		_ = handle.Close()
		s.releaseChannel(channel)
		return nil, nil
	}
	return channel, handle
}

// writeError returns the error of a write with its kind. OpenSSH's server says no more than
// "Failure" when its disk is full, so the free space tells.
func (f *file) writeError(size int64, err error) error {
	var status *pkgsftp.StatusError
	if errors.As(err, &status) && status.Code == statusFailure {
		if free, ok := f.freeSpace(); ok && free < size {
			return diskFull("write "+f.path, err)
		}
	}
	return f.session.classify(f.ctx, "write", f.path, err)
}

// freeSpace returns the bytes that the account may still store; false if the server does
// not tell.
func (f *file) freeSpace() (int64, bool) {
	f.session.beginRequest()
	defer f.session.endRequest()
	vfs, err := f.session.sftp.StatVFS(path.Dir(f.path))
	if err != nil {
		return 0, false
	}
	return int64(min(vfs.Bavail*vfs.Frsize, 1<<62)), true
}

// Finish stores the content, closes the file, sets its modification time and returns its size.
// It asks for the size by the path: a server over an object store has the file only when it
// is closed.
func (f *file) Finish(ctx context.Context, modifiedAt time.Time) (size int64, err error) {
	s := f.session
	if err := f.closeExtra(ctx); err != nil {
		return 0, err
	}
	if _, ok := s.sftp.HasExtension("fsync@openssh.com"); ok {
		if err := f.request(ctx, "store", f.first.Sync); err != nil {
			return 0, err
		}
	}
	handle := f.first
	f.first = nil
	if err := f.request(ctx, "close", handle.Close); err != nil {
		return 0, err
	}
	// Both at once, because each waits for an answer.
	var group errgroup.Group
	group.Go(func() error {
		return f.request(ctx, "look for", func() error {
			info, err := s.sftp.Stat(f.path)
			if err == nil {
				size = info.Size()
			}
			return err
		})
	})
	group.Go(func() error {
		err := f.request(ctx, "set the time of", func() error { return s.sftp.Chtimes(f.path, modifiedAt, modifiedAt) })
		if err != nil && s.closeCause() == nil {
			slog.InfoContext(ctx, "the server sets no modification time", "path", f.path, "error", err)
		}
		return nil
	})
	err = group.Wait()
	return size, err
}

func (f *file) closeExtra(ctx context.Context) error {
	var all error
	for i := range f.extra {
		if extra := &f.extra[i]; extra.handle != nil {
			all = errors.Join(all, f.request(ctx, "close", extra.handle.Close))
			f.session.releaseChannel(extra.channel)
		}
	}
	f.extra = nil
	return all
}

func (f *file) request(ctx context.Context, what string, send func() error) error {
	defer f.session.begin(ctx)()
	return f.session.classify(ctx, what, f.path, send())
}

// Close closes what is open still.
func (f *file) Close() error {
	defer f.stop()
	err := f.closeExtra(f.ctx)
	if f.first != nil {
		err = errors.Join(err, f.request(f.ctx, "close", f.first.Close))
		f.first = nil
	}
	return err
}

// OpenForReading opens a file for reading.
func (c *Client) OpenForReading(ctx context.Context, path string) (sendfile.ReadFile, error) {
	s, err := c.current()
	if err != nil {
		return nil, err
	}
	end := s.begin(ctx)
	opened, err := s.sftp.Open(path)
	end()
	if err != nil {
		return nil, s.classify(ctx, "read", path, err)
	}
	return readFile{&file{ctx: ctx, session: s, path: path}, opened}, nil
}

type readFile struct {
	*file
	opened *pkgsftp.File
}

func (r readFile) ReadAt(p []byte, offset int64) (int, error) {
	defer r.session.begin(r.ctx)()
	n, err := r.opened.ReadAt(p, offset)
	if err == nil || err == io.EOF {
		return n, err
	}
	return n, r.session.classify(r.ctx, "read", r.path, err)
}

func (r readFile) Close() error {
	return r.request(r.ctx, "close", r.opened.Close)
}
