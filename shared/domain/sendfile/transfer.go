package sendfile

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// transfer is the sending of one version of an object.
type transfer struct {
	Sender
	event  Event
	object Object
	// path is where the file shall be.
	path string
	// record is that of the path, with its version; placed means that this version is in
	// its place.
	record  Record
	version string
	placed  bool

	sha256    string
	after     AfterAction
	bytesSent int64
}

// largeSize is from which size on the place is looked at before anything is written, in bytes.
const largeSize = 64 << 20

// choosePath reads the record of the path, and looks whether something is there already. It
// returns a reason to skip the object.
func (t *transfer) choosePath(ctx context.Context) (reason string, err error) {
	if err := t.readRecord(ctx); err != nil {
		return "", err
	}
	if t.recordIsOwn() {
		return "", t.resumeOwn(ctx)
	}
	if progress := t.progress(); progress != nil && progress.Path != t.path { // a name chosen before
		t.path = progress.Path
		return "", t.readRecord(ctx)
	}
	otherKey := t.version != "" && (t.record.Object.Key != t.object.Key || t.record.Object.Bucket != t.object.Bucket)
	if t.Existing == Replace && !otherKey && t.object.Size < largeSize && !t.event.DryRun {
		return "", nil
	}
	info, err := t.stat(ctx, t.path)
	switch {
	case errors.Is(err, fs.ErrNotExist), t.Existing == Replace && errkind.Of(err) == errkind.PermissionDenied:
		return "", nil
	case err != nil:
		return "", err
	case info.IsDirectory:
		return "", t.directoryInTheWay()
	}
	switch t.Existing {
	case KeepExisting:
		return "there is a file already at " + t.path, nil
	case Fail:
		return "", errkind.Errorf(errkind.Conflict,
			"there is a file already at %s; have it removed, or set `existing` to replace, keep or rename", t.path)
	case Rename:
		return "", t.chooseOtherName(ctx)
	}
	if !otherKey || info.Size != t.record.Object.Size {
		return "", nil
	}
	if t.Template.NamesByKey() {
		return "", errkind.Errorf(errkind.Conflict,
			"the file at %s was made of %s and is still there; give the two objects different names with {dir} or {key}, or set `existing` to rename",
			t.path, t.record.Object.URI())
	}
	if t.record.Object.UploadedAt.After(t.object.UploadedAt) {
		return fmt.Sprintf("the file at %s is %s, which was uploaded later", t.path, t.record.Object.URI()), nil
	}
	return "", nil
}

func (t *transfer) readRecord(ctx context.Context) (err error) {
	t.record, t.version, err = t.Records.Read(ctx, t.Server.Address(), t.path)
	return err
}

// resumeOwn takes up what the record says of this version. If an attempt was interrupted
// while it put the file in its place, it looks whether the file is there.
func (t *transfer) resumeOwn(ctx context.Context) error {
	if t.record.placed() {
		t.placed, t.sha256 = !t.event.Resend, t.record.SHA256
		return nil
	}
	if t.event.DryRun {
		return nil
	}
	if err := t.Server.Connect(ctx); err != nil {
		return err
	}
	arrived, err := t.hasArrived(ctx, temporaryPath(t.path, t.object))
	if err != nil || !arrived {
		return err
	}
	t.placed, t.sha256 = true, t.record.SHA256
	if err := t.removeBackup(ctx); err != nil {
		return err
	}
	return t.notePlaced(ctx)
}

// recordIsOwn reports whether the record of the path is about this version.
func (t *transfer) recordIsOwn() bool {
	o := t.record.Object
	return o.Bucket == t.object.Bucket && o.Key == t.object.Key && o.sameVersion(t.object)
}

// chooseOtherName chooses a name with a part of the version's hash, which is the same at each attempt.
func (t *transfer) chooseOtherName(ctx context.Context) error {
	directory, name := path.Split(t.path)
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	suffix := "-" + versionHash(t.object)[:8]
	t.path = directory + truncate(stem, maxName-len(ext)-len(suffix)) + suffix + ext
	if err := t.readRecord(ctx); err != nil {
		return err
	}
	if t.recordIsOwn() {
		return t.resumeOwn(ctx)
	}
	_, err := t.stat(ctx, t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return cmp.Or(err, errkind.Errorf(errkind.Conflict, "there are files already at the name and at %s; have one removed", t.path))
}

func (t *transfer) directoryInTheWay() error {
	return errkind.Errorf(errkind.Conflict, "there is a directory at %s, where a file shall be; have it removed, or set another name", t.path)
}

// stat connects, and describes a file.
func (t *transfer) stat(ctx context.Context, path string) (Info, error) {
	if err := t.Server.Connect(ctx); err != nil {
		return Info{}, err
	}
	return t.Files.Stat(ctx, path)
}

// progress returns what an earlier invocation left, if it is about this version.
func (t *transfer) progress() *Progress {
	if p := t.event.Progress; p != nil && p.Object.sameVersion(t.object) {
		return p
	}
	return nil
}

// stopAt returns when to stop writing, so that there is time to end well. It is zero without
// a deadline.
func (t *transfer) stopAt(ctx context.Context) time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Time{}
	}
	return deadline.Add(-min(30*time.Second, time.Until(deadline)/5))
}

// maxName is the longest name that servers take, in bytes (NAME_MAX of POSIX systems).
const maxName = 255

// temporaryPath returns where the bytes of a version are written until they are
// whole. Every attempt has the same, and no two versions have.
func temporaryPath(place string, object Object) string {
	directory, name := path.Split(place)
	suffix := "." + versionHash(object)[:16] + ".part"
	return directory + "." + truncate(name, maxName-1-len(suffix)) + suffix
}

// backupPath returns where the file that a server can't replace at once is for a moment.
func backupPath(place string) string {
	directory, name := path.Split(place)
	suffix := "." + fmt.Sprintf("%x", sha256.Sum256([]byte(place)))[:16] + ".old"
	return directory + "." + truncate(name, maxName-1-len(suffix)) + suffix
}

func versionHash(o Object) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join([]string{o.Bucket, o.Key, o.ETag, o.VersionID}, "\x00"))))
}

// truncate returns at most that many bytes of a name, without half characters.
func truncate(name string, size int) string {
	if len(name) <= size {
		return name
	}
	for size > 0 && !utf8.RuneStart(name[size]) {
		size--
	}
	return name[:size]
}
