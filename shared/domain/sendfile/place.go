package sendfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// placeLimit returns how long putting a file of that size in its place may take. A server over
// an object store copies it.
func placeLimit(size int64) time.Duration {
	return 30*time.Second + time.Duration(size>>26)*time.Second // 64 MiB a second
}

// claimMargin is how much longer a place is claimed, so that nobody else has begun when the last
// request of a slow invocation arrives.
const claimMargin = 30 * time.Second

// place puts the file in its place. It claims the place first, so that a version that
// is overtaken can't replace a newer one: no other version is put there while the object
// is seen to be still the current one.
func (t *transfer) place(ctx context.Context, temporary string) error {
	before := t.record
	if err := t.claim(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, placeLimit(t.object.Size))
	defer cancel()
	err := t.checkCurrent(ctx)
	if err == nil {
		err = t.rename(ctx, temporary)
	}
	if err != nil {
		if !errkind.Of(err).Retried() {
			t.release(ctx, before)
		}
		return err
	}
	return t.notePlaced(ctx)
}

// claim records that this version is being put in its place. It returns Unavailable if
// another one is.
func (t *transfer) claim(ctx context.Context) (err error) {
	now := t.Now()
	if !t.record.placed() && t.record.ClaimedUntil.After(now) && !t.recordIsOwn() {
		return errkind.Errorf(errkind.Unavailable, "%s is being put in place as %s", t.record.Object.URI(), t.path)
	}
	t.record = Record{
		Server: t.Server.Address(), Path: t.path, Object: t.object,
		SHA256: t.sha256, ClaimedUntil: now.Add(placeLimit(t.object.Size) + claimMargin), Execution: t.event.Execution,
	}
	t.version, err = t.Records.CompareAndSwap(ctx, t.record, t.version)
	if errors.Is(err, ErrConflict) {
		if err := t.checkCurrent(ctx); err != nil {
			return err
		}
		return errkind.Errorf(errkind.Unavailable, "another invocation is putting a file in place as %s", t.path)
	}
	return err
}

// release gives the claim up, so that nobody has to wait for its end.
func (t *transfer) release(ctx context.Context, before Record) {
	if before.Path == "" {
		before = t.record
		before.ClaimedUntil = time.Time{}
	}
	if _, err := t.Records.CompareAndSwap(ctx, before, t.version); err != nil {
		slog.WarnContext(ctx, "claim not released", "path", t.path, "error", err)
	}
}

func (t *transfer) notePlaced(ctx context.Context) (err error) {
	t.record.PlacedAt, t.record.ClaimedUntil = t.Now(), time.Time{}
	t.version, err = t.Records.CompareAndSwap(ctx, t.record, t.version)
	if errors.Is(err, ErrConflict) {
		return errkind.Errorf(errkind.Unavailable, "another invocation has put a file in place as %s", t.path)
	}
	return err
}

// checkCurrent returns ErrSourceChanged if the object is not this version any more.
func (t *transfer) checkCurrent(ctx context.Context) error {
	current, err := t.Source.Head(ctx, t.object.Bucket, t.object.Key)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !current.sameVersion(t.object) {
		return ErrSourceChanged
	}
	return err
}

// rename gives the temporary file its name.
func (t *transfer) rename(ctx context.Context, temporary string) error {
	if t.Existing != Replace {
		return t.renameToFreeName(ctx, temporary)
	}
	atOnce := t.Renamer.PosixRename(ctx, temporary, t.path)
	if atOnce == nil {
		return nil
	}
	if arrived, err := t.hasArrived(ctx, temporary); arrived || err != nil {
		return err
	}
	info, err := t.Files.Stat(ctx, t.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := t.Renamer.Rename(ctx, temporary, t.path); err != nil {
			return fmt.Errorf("rename %s: %w", temporary, err)
		}
		return t.removeBackup(ctx) // of an attempt that was interrupted
	case err != nil:
		return err
	case info.IsDirectory:
		return t.directoryInTheWay()
	}
	slog.InfoContext(ctx, "the server does not replace a file at once", "path", t.path, "error", atOnce)
	if err := t.Renamer.Rename(ctx, temporary, t.path); err == nil {
		return nil
	}
	return t.swap(ctx, temporary)
}

// swap replaces a file by two renames, with the old file kept until the new one is in its
// place, because the server can't do it at once.
func (t *transfer) swap(ctx context.Context, temporary string) error {
	backup := backupPath(t.path)
	if err := t.removeBackup(ctx); err != nil { // Older than the file in its place.
		return err
	}
	if err := t.Renamer.Rename(ctx, t.path, backup); err != nil {
		return fmt.Errorf("rename the file at %s, to replace it: %w", t.path, err)
	}
	if err := t.Renamer.Rename(ctx, temporary, t.path); err != nil {
		if back := t.Renamer.Rename(ctx, backup, t.path); back != nil {
			return fmt.Errorf("rename %s: %w; what it replaces is at %s: %w", temporary, err, backup, back)
		}
		return fmt.Errorf("rename %s: %w", temporary, err)
	}
	return t.removeBackup(ctx)
}

// removeBackup removes what was replaced, if it is there. It only logs an error that does
// not pass with time.
func (t *transfer) removeBackup(ctx context.Context) error {
	backup := backupPath(t.path)
	err := t.Files.Remove(ctx, backup)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if !errkind.Of(err).Retried() {
		slog.WarnContext(ctx, "replaced file not removed", "path", backup, "error", err)
	}
	return onlyRetried(err)
}

// renameToFreeName gives the temporary file its name if nothing is there.
func (t *transfer) renameToFreeName(ctx context.Context, temporary string) error {
	_, err := t.Files.Stat(ctx, t.path)
	switch {
	case err == nil:
		if arrived, err := t.hasArrived(ctx, temporary); arrived || err != nil {
			return err
		}
		return errkind.Errorf(errkind.Conflict, "a file appeared at %s while this one was being sent; it was not replaced", t.path)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := t.Renamer.Rename(ctx, temporary, t.path); err != nil {
		return fmt.Errorf("rename %s: %w", temporary, err)
	}
	return nil
}

// hasArrived reports whether the temporary file is gone because another attempt has put
// it in its place.
func (t *transfer) hasArrived(ctx context.Context, temporary string) (bool, error) {
	if _, err := t.Files.Stat(ctx, temporary); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	info, err := t.Files.Stat(ctx, t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && t.isThisFile(info), err
}

// isThisFile reports whether a file has this version's size and time. SFTP's times are in
// seconds.
func (t *transfer) isThisFile(info Info) bool {
	return !info.IsDirectory && info.Size == t.object.Size && info.ModifiedAt.Unix() == t.object.UploadedAt.Unix()
}
