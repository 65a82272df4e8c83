package sendfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/digipres/sync-users/shared/domain/destpath"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/rangecopy"
)

// Sender sends objects. All fields are needed.
type Sender struct {
	Options
	Source       Source
	SourceWriter SourceWriter
	Server       Server
	Files        Files
	Renamer      Renamer
	Opener       Opener
	Records      Records
	Copier       rangecopy.Copier
	Now          func() time.Time
}

// maxVersions is how many versions of an object one invocation begins to send, if each
// is replaced meanwhile.
const maxVersions = 3

// Send sends the event's object, or as much of it as there is time for before the
// deadline of the context. It does so in this order, so that nothing is lost wherever it is
// interrupted, and so that another attempt goes on from there:
//
//  1. write all bytes to a temporary file beside the place, and compare size and checksum
//  2. claim the place in the records, and see that the object is still the current version
//  3. rename the file, and record that it is in its place
//  4. delete, move or tag the object, if it is still that version
//
// An object that is gone or replaced is skipped. Besides the errors of the
// interfaces, Send returns InvalidName, Conflict if something is in the way that must not be
// replaced, ContentMismatch, and Unavailable if the object or the place are in use.
func (s Sender) Send(ctx context.Context, event Event) (Result, error) {
	wanted := event.Object
	if reason := s.SkipReason(wanted.Key); reason != "" {
		return skipped(wanted, reason), nil
	}
	for range maxVersions {
		current, err := s.Source.Head(ctx, wanted.Bucket, wanted.Key)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			s.removeAbandoned(ctx, event)
			return skipped(wanted, "it is not there any more: it was sent, moved or deleted"), nil
		case err != nil:
			return Result{}, err
		case !wanted.matches(current):
			s.removeAbandoned(ctx, event)
			return skipped(wanted, "it was replaced by a newer version, which is sent by itself"), nil
		}
		result, err := s.sendVersion(ctx, event, current)
		if !errors.Is(err, ErrSourceChanged) {
			return result, err
		}
		slog.InfoContext(ctx, "object was replaced while it was being sent", "etag", current.ETag)
	}
	return Result{}, errkind.Errorf(errkind.Unavailable, "%s was replaced %d times while it was being sent", wanted.URI(), maxVersions)
}

func skipped(object Object, reason string) Result {
	return Result{Object: object, Done: true, Outcome: Skipped, Reason: reason}
}

func (s Sender) sendVersion(ctx context.Context, event Event, object Object) (Result, error) {
	t := &transfer{Sender: s, event: event, object: object}
	var err error
	if t.path, err = s.pathOf(object); err != nil {
		return Result{}, err
	}
	result := func(outcome Outcome, reason string) Result {
		return Result{
			Object: object, Done: true, Outcome: outcome, Reason: reason,
			Path: t.path, SHA256: t.sha256, After: t.after, BytesSent: t.bytesSent,
		}
	}
	reason, err := t.choosePath(ctx)
	switch {
	case err != nil:
		return Result{}, err
	case reason != "":
		return result(Skipped, reason), nil
	case event.DryRun && t.placed:
		return result(Unchanged, "it was sent before"), nil
	case event.DryRun:
		return result(Sent, fmt.Sprintf("it would be sent to %s", t.path)), nil
	}
	outcome, reason := Unchanged, "it was sent before"
	if !t.placed {
		progress, err := t.upload(ctx)
		if err != nil || progress != nil {
			return Result{Object: object, Progress: progress, Path: t.path, BytesSent: t.bytesSent}, err
		}
		outcome, reason = Sent, "it is in its place"
	} else if t.record.Execution == event.Execution {
		outcome, reason = Sent, "it is in its place"
	}
	note, err := t.dealWithObject(ctx)
	if err != nil {
		return Result{}, fmt.Errorf("the file is at %s, but the object is still there: %w", t.path, err)
	}
	return result(outcome, reason+note), nil
}

func (s Sender) pathOf(object Object) (string, error) {
	return s.Template.Path(destpath.Object{Bucket: object.Bucket, Key: object.Key, ETag: object.ETag, UploadedAt: object.UploadedAt})
}

// removeAbandoned removes the temporary file of a version that is not sent any more, if an
// earlier attempt may have left one. It only logs errors, because nothing depends on it.
func (s Sender) removeAbandoned(ctx context.Context, event Event) {
	var temporary string
	switch {
	case event.DryRun:
		return
	case event.Progress != nil:
		temporary = event.Progress.Temporary
	case event.Retry > 0:
		path, err := s.pathOf(event.Object)
		if err != nil {
			return
		}
		temporary = temporaryPath(path, event.Object)
	default:
		return
	}
	err := s.Server.Connect(ctx)
	if err == nil {
		err = s.Files.Remove(ctx, temporary)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		slog.WarnContext(ctx, "temporary file not removed", "path", temporary, "error", err)
	}
}
