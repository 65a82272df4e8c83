package sftp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path"
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
	f := &file{ctx: ctx, session: s, path: path, handles: []*pkgsftp.File{opened}}
	f.stop = context.AfterFunc(ctx, func() { s.close(ctx.Err()) })
	return f, nil
}

// file is a file that is open for writing.
type file struct {
	ctx     context.Context // of the writes
	stop    func() bool
	session *session
	path    string
	handles []*pkgsftp.File
}

// Handles returns the handles, whose WriteAt sends one request and waits for the answer.
func (f *file) Handles() []io.WriterAt {
	all := make([]io.WriterAt, len(f.handles))
	for i, handle := range f.handles {
		all[i] = writerAt{f, handle}
	}
	return all
}

type writerAt struct {
	file   *file
	handle *pkgsftp.File
}

func (w writerAt) WriteAt(p []byte, offset int64) (int, error) {
	s := w.file.session
	s.beginRequest()
	n, err := w.handle.WriteAt(p, offset)
	s.endRequest()
	if err != nil {
		return n, w.file.writeError(int64(len(p)), err)
	}
	return n, nil
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

// Finish stores the content, sets the modification time and closes the file.
func (f *file) Finish(ctx context.Context, modifiedAt time.Time) (size int64, err error) {
	s := f.session
	for _, extra := range f.handles[1:] {
		if err := f.request(ctx, "close", extra.Close); err != nil {
			return 0, err
		}
	}
	f.handles = f.handles[:1]
	// All of them at once, because each waits for an answer.
	var group errgroup.Group
	group.Go(func() error {
		return f.request(ctx, "describe", func() error {
			info, err := f.handles[0].Stat()
			if err == nil {
				size = info.Size()
			}
			return err
		})
	})
	if _, ok := s.sftp.HasExtension("fsync@openssh.com"); ok {
		group.Go(func() error { return f.request(ctx, "store", f.handles[0].Sync) })
	}
	group.Go(func() error {
		err := f.request(ctx, "set the time of", func() error { return s.sftp.Chtimes(f.path, modifiedAt, modifiedAt) })
		if err != nil && s.closeCause() == nil {
			slog.InfoContext(ctx, "the server sets no modification time", "path", f.path, "error", err)
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return 0, err
	}
	handle := f.handles[0]
	f.handles = nil
	return size, f.request(ctx, "close", handle.Close)
}

func (f *file) request(ctx context.Context, what string, send func() error) error {
	defer f.session.begin(ctx)()
	return f.session.classify(ctx, what, f.path, send())
}

// Close closes what is open still.
func (f *file) Close() error {
	defer f.stop()
	for _, handle := range f.handles {
		_ = f.request(f.ctx, "close", handle.Close)
	}
	f.handles = nil
	return nil
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
