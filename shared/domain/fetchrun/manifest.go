package fetchrun

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Record is what is known of a remote file. It is written only after the connector said that
// the file was fetched, and the object was there with its size.
type Record struct {
	Name string `json:"name,omitempty"`
	// Size and Time are those of the listing by which the file was fetched.
	Size int64     `json:"size"`
	Time time.Time `json:"time,omitzero"`
	// ETag and VersionID are the object's.
	ETag      string    `json:"etag,omitempty"`
	VersionID string    `json:"versionId,omitempty"`
	FetchedAt time.Time `json:"fetchedAt,omitzero"`
	// Seen is how a file that waits to settle looked at first.
	Seen *Look `json:"seen,omitempty"`
	// MissingSince is since when the folder's listings do not have it any more.
	MissingSince time.Time `json:"missingSince,omitzero"`
	// Deleted is whether its object was deleted, because the remote file is gone.
	Deleted bool `json:"deleted,omitempty"`
}

// Look is a look at a file.
type Look struct {
	Size int64     `json:"size"`
	Time time.Time `json:"time,omitzero"`
	At   time.Time `json:"at"`
}

// isFetched reports whether a file was fetched as it is now.
func (r Record) isFetched(file listedFile) bool {
	return !r.FetchedAt.IsZero() && r.Size == file.Size && r.Time.Equal(file.Time)
}

// keepMissing is how long the record of a file is kept that is not there any more. A server
// that shows an empty folder by mistake must not have everything fetched again.
const keepMissing = 90 * 24 * time.Hour

// manifest is the records of a remote folder. It consists of a base and of what batches
// have added to it: each batch writes an object of its own, so that many can write at the
// same time, and nothing is lost if one is killed. The next look at the folder makes them
// one again.
type manifest struct {
	files map[string]Record
	// folders are the names of the subfolders.
	folders []string
	// additions are the keys of what batches have added, and changed is whether the base
	// is not as the manifest is any more.
	additions []string
	changed   bool
	// isNew is whether there was none, and damaged why it could not be read.
	isNew   bool
	damaged string
}

// head is the first item of a base; the others are Records.
type head struct {
	Folder  string   `json:"folder,omitempty"`
	Folders []string `json:"folders,omitempty"`
}

// entry is any item of a manifest.
type entry struct {
	head
	Record
}

// manifestPrefix returns what the keys of a folder's manifest begin with. Another bucket or
// prefix to fetch to is another manifest.
func manifestPrefix(bucket string, f Folder) string {
	return fmt.Sprintf("manifest/%x/", sha256.Sum256([]byte(bucket+"\x00"+f.Target+"\x00"+f.Path)))
}

const baseObject = "base.json"

// readManifest reads the manifest of a folder. A manifest that can't be understood is
// damaged, and no error.
func readManifest(ctx context.Context, store RecordStore, runs, bucket string, f Folder) (manifest, error) {
	m := manifest{files: map[string]Record{}}
	prefix := manifestPrefix(bucket, f)
	keys, err := store.Keys(ctx, prefix)
	if err != nil {
		return m, fmt.Errorf("list the manifest of %s: %w", f.Path, err)
	}
	base := prefix + baseObject
	m.isNew = len(keys) == 0
	if slices.Contains(keys, base) {
		m.additions = slices.DeleteFunc(keys, func(key string) bool { return key == base })
		keys = slices.Insert(slices.Clone(m.additions), 0, base)
	} else {
		m.additions = keys
	}
	for _, key := range keys {
		if err := m.add(ctx, store, run.Object{Bucket: runs, Key: key}, f); err != nil {
			return m, err
		}
	}
	m.changed = len(m.additions) > 0
	return m, nil
}

// add adds the records of an object. A newer one of a file replaces an older one.
func (m *manifest) add(ctx context.Context, store RecordStore, object run.Object, f Folder) error {
	first := true
	for item, err := range run.Items[entry](ctx, store, object) {
		switch {
		case err != nil && (errkind.Of(err) != errkind.Unexpected || errors.Is(err, run.ErrNoObject)):
			return fmt.Errorf("read the manifest of %s: %w", f.Path, err)
		case err != nil:
			m.damaged = err.Error()
			return nil
		case first && item.Folder != f.Path:
			m.damaged = fmt.Sprintf("%s is about %q", object.URI(), item.Folder)
			return nil
		case first:
			m.folders = append(m.folders, item.Folders...)
		case item.Name == "":
			m.damaged = object.URI() + " has a record without a name"
			return nil
		case item.Deleted:
			delete(m.files, item.Name)
		case !item.FetchedAt.Before(m.files[item.Name].FetchedAt):
			m.files[item.Name] = item.Record
		}
		first = false
	}
	return nil
}

// save writes the manifest as its base, and deletes what was added to the one before.
func (m *manifest) save(ctx context.Context, store RecordStore, bucket string, f Folder) error {
	if !m.changed {
		return nil
	}
	items := make([]any, 0, len(m.files)+1)
	items = append(items, head{Folder: f.Path, Folders: m.folders})
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		record := m.files[name]
		record.Name = name
		items = append(items, record)
	}
	if _, err := store.Save(ctx, manifestPrefix(bucket, f)+baseObject, items); err != nil {
		return fmt.Errorf("write the manifest of %s: %w", f.Path, err)
	}
	if err := store.Delete(ctx, m.additions); err != nil {
		return fmt.Errorf("delete what was added to the manifest of %s: %w", f.Path, err)
	}
	m.additions, m.changed = nil, false
	return nil
}

// set changes the record of a file.
func (m *manifest) set(name string, record Record) {
	m.files[name], m.changed = record, true
}

// addRecords writes what a batch adds to the manifest of a folder.
func addRecords(ctx context.Context, store run.Writer, bucket string, f Folder, name string, records []Record) error {
	items := []any{head{Folder: f.Path}}
	for _, record := range records {
		items = append(items, record)
	}
	if _, err := store.Save(ctx, manifestPrefix(bucket, f)+name+".json", items); err != nil {
		return fmt.Errorf("add to the manifest of %s: %w", f.Path, err)
	}
	return nil
}
