package sendfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/rangecopy"
)

// upload writes the file and puts it in its place. It returns progress if there was not
// enough time.
func (t *transfer) upload(ctx context.Context) (*Progress, error) {
	if err := t.Server.Connect(ctx); err != nil {
		return nil, err
	}
	stopAt := t.stopAt(ctx)
	progress := &Progress{Object: t.object, Path: t.path, Temporary: temporaryPath(t.path, t.object)}
	if whole, err := t.write(ctx, progress, stopAt); err != nil || !whole {
		return progress, t.removeIfUseless(ctx, progress.Temporary, err)
	}
	if t.VerifyContent {
		if whole, err := t.verifyContent(ctx, progress, stopAt); err != nil || !whole {
			return progress, t.removeIfUseless(ctx, progress.Temporary, err)
		}
	}
	return nil, t.removeIfUseless(ctx, progress.Temporary, t.place(ctx, progress.Temporary))
}

// removeIfUseless removes the temporary file if no other attempt can use it, and returns
// the error that it was given.
func (t *transfer) removeIfUseless(ctx context.Context, temporary string, err error) error {
	if errors.Is(err, ErrSourceChanged) || errkind.Of(err) == errkind.ContentMismatch {
		if err := t.Files.Remove(ctx, temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
			slog.WarnContext(ctx, "temporary file not removed", "path", temporary, "error", err)
		}
	}
	return err
}

// write writes the temporary file, from where an earlier attempt stopped. It returns
// whether it is whole, and updates the progress.
func (t *transfer) write(ctx context.Context, progress *Progress, stopAt time.Time) (whole bool, err error) {
	start, err := t.findStart(ctx, progress.Temporary)
	if err != nil {
		return false, err
	}
	file, err := t.open(ctx, progress.Temporary, &start)
	if err != nil {
		return false, fmt.Errorf("open %s: %w", progress.Temporary, err)
	}
	defer func() { _ = file.Close() }()
	sum, err := newDigest(t.object.Checksum.Algorithm, start.digest)
	if err != nil {
		return false, errkind.Errorf(errkind.InvalidInput, "the progress of an earlier invocation does not parse: %w", err)
	}
	position, err := t.Copier.Copy(ctx, rangecopy.Job{
		Source: objectRanges{t.Source, t.object}, Size: t.object.Size,
		From: start.from, WriteFrom: start.writeFrom, Digest: sum, Targets: file.Handles(), StopAt: stopAt,
	})
	t.bytesSent += position.Written
	// What was confirmed before the time ended is not sent again.
	outOfTime := ctx.Err() != nil && position.Offset > start.from
	if err != nil && !outOfTime {
		return false, err
	}
	progress.Written, progress.Digest = position.Offset, start.digest
	if position.Digest != nil {
		progress.Digest = position.Digest
	}
	if late := isPast(stopAt) || outOfTime; position.Offset < t.object.Size || late && start.from < t.object.Size {
		if position.Offset == start.from {
			return false, errkind.Errorf(errkind.Unavailable,
				"the server took %d bytes in the time that an invocation has, and has %d of %d; nothing was put in place", position.Written, position.Offset, t.object.Size)
		}
		return false, nil
	}
	size, err := file.Finish(ctx, t.object.UploadedAt)
	if err != nil {
		return false, fmt.Errorf("store %s: %w", progress.Temporary, err)
	}
	if size != t.object.Size {
		return false, errkind.Errorf(errkind.ContentMismatch,
			"%s has %d bytes on the server, and the object has %d; nothing was put in place", progress.Temporary, size, t.object.Size)
	}
	t.sha256 = sum.hex()
	return true, sum.check(t.object)
}

// isPast reports whether a time is set and over.
func isPast(t time.Time) bool { return !t.IsZero() && !time.Now().Before(t) }

// open opens the temporary file, in directories that it makes. A server that can't go on
// with a file that is there gets a new one.
func (t *transfer) open(ctx context.Context, temporary string, start *start) (File, error) {
	file, err := t.Opener.OpenForWriting(ctx, temporary, t.object.Size-start.writeFrom)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := t.Files.MakeDirectories(ctx, path.Dir(temporary)); err != nil {
			return nil, fmt.Errorf("make the directory: %w", err)
		}
	case err != nil && start.found && errkind.Of(err) != errkind.DiskFull:
		// If the file can be removed, the connection is not what failed.
		if t.Files.Remove(ctx, temporary) != nil {
			return nil, err
		}
		slog.InfoContext(ctx, "the server can't go on with a file; it is written anew", "path", temporary, "error", err)
		*start = startAnew
	default:
		return file, err
	}
	return t.Opener.OpenForWriting(ctx, temporary, t.object.Size)
}

// start is where to begin.
type start struct {
	// from is where the digest's state ends, and writeFrom where to write from.
	from, writeFrom int64
	digest          []byte
	// found reports whether there is a temporary file.
	found bool
}

var startAnew = start{}

// comparedSize is how many bytes before the start are compared, so that a file is not
// gone on with that has other content, in bytes.
const comparedSize = 256 << 10

// findStart finds out how much of the temporary file is there.
func (t *transfer) findStart(ctx context.Context, temporary string) (start, error) {
	progress := t.progress()
	if progress == nil && t.event.Retry == 0 && t.object.Size <= t.Copier.Window() {
		return startAnew, nil // It is written whole, whatever is there.
	}
	info, err := t.Files.Stat(ctx, temporary)
	switch {
	case errors.Is(err, fs.ErrNotExist), err != nil && !errkind.Of(err).Retried():
		return startAnew, nil // An account that may not look begins anew too.
	case err != nil:
		return start{}, err
	}
	found := start{found: true}
	if progress != nil && progress.Temporary == temporary && info.Size >= progress.Written {
		found.from, found.writeFrom, found.digest = progress.Written, progress.Written, progress.Digest
	} else {
		found.writeFrom = max(min(info.Size, t.object.Size)-t.Copier.Window(), 0)
	}
	same, err := t.compare(ctx, temporary, found.writeFrom)
	if err != nil {
		return start{}, err
	}
	if same && info.Size <= t.object.Size {
		return found, nil
	}
	slog.WarnContext(ctx, "the temporary file is not as it was left; it is written anew", "path", temporary, "size", info.Size)
	if err := t.Files.Remove(ctx, temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return start{}, fmt.Errorf("remove %s: %w", temporary, err)
	}
	return startAnew, nil
}

// compare reports whether the file has the object's bytes right before an offset. An account
// that may not read its files begins anew.
func (t *transfer) compare(ctx context.Context, temporary string, offset int64) (bool, error) {
	size := min(comparedSize, offset)
	if size == 0 {
		return true, nil
	}
	file, err := t.Opener.OpenForReading(ctx, temporary)
	if err != nil {
		return false, onlyRetried(err)
	}
	defer func() { _ = file.Close() }()
	have, want := make([]byte, size), make([]byte, size)
	if n, err := file.ReadAt(have, offset-size); n < len(have) {
		return false, onlyRetried(err)
	}
	if err := t.Source.ReadRange(ctx, t.object, want, offset-size); err != nil {
		return false, err
	}
	return bytes.Equal(have, want), nil
}

// onlyRetried returns an error that passes with time, and nil for any other.
func onlyRetried(err error) error {
	if errkind.Of(err).Retried() {
		return err
	}
	return nil
}

// objectRanges are the ranges of one version of an object.
type objectRanges struct {
	source Source
	object Object
}

func (r objectRanges) ReadRange(ctx context.Context, buffer []byte, offset int64) error {
	return r.source.ReadRange(ctx, r.object, buffer, offset)
}
