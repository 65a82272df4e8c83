package sendfile

import (
	"context"
	"fmt"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/rangecopy"
)

// verifyContent reads the temporary file back and compares its SHA-256. It returns
// whether it came to the end in time, and updates the progress.
func (t *transfer) verifyContent(ctx context.Context, progress *Progress, stopAt time.Time) (whole bool, err error) {
	var from int64
	var state []byte
	if earlier := t.progress(); earlier != nil && earlier.Written == t.object.Size {
		from, state = earlier.Verified, earlier.VerifiedDigest
	}
	sum, err := newDigest("", state)
	if err != nil {
		return false, errkind.Errorf(errkind.InvalidInput, "the progress of an earlier invocation does not parse: %w", err)
	}
	file, err := t.Opener.OpenForReading(ctx, progress.Temporary)
	if err != nil {
		return false, fmt.Errorf("read %s back: %w", progress.Temporary, err)
	}
	defer func() { _ = file.Close() }()
	position, err := t.Copier.Copy(ctx, rangecopy.Job{
		Source: fileRanges{file}, Size: t.object.Size, From: from, WriteFrom: t.object.Size, Digest: sum, StopAt: stopAt,
	})
	if err != nil {
		return false, fmt.Errorf("read %s back: %w", progress.Temporary, err)
	}
	progress.Verified, progress.VerifiedDigest = position.Offset, position.Digest
	if position.Offset < t.object.Size {
		return false, nil
	}
	if sum.hex() != t.sha256 {
		return false, errkind.Errorf(errkind.ContentMismatch,
			"%s has the SHA-256 %s on the server, but %s was sent; it was removed, and nothing was put in place", progress.Temporary, sum.hex(), t.sha256)
	}
	return true, nil
}

// fileRanges are the ranges of a file on the server.
type fileRanges struct{ file ReadFile }

func (r fileRanges) ReadRange(_ context.Context, buffer []byte, offset int64) error {
	if n, err := r.file.ReadAt(buffer, offset); n < len(buffer) {
		return err
	}
	return nil
}
