package fetchrun

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/digipres/sync-users/shared/domain/destpath"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

// File is a file that is to be fetched.
type File struct {
	Name string `json:"name"`
	// Size is -1 if the server does not tell it.
	Size int64     `json:"size"`
	Time time.Time `json:"time,omitzero"`
}

// Object is an object in a target bucket.
type Object struct {
	Key  string
	Size int64
	// ETag is without quotes.
	ETag, VersionID string
	StoredAt        time.Time
}

// Targets reads and deletes objects in target buckets.
type Targets interface {
	// Head returns an object; false if there is none.
	Head(ctx context.Context, bucket, key string) (Object, bool, error)
	// List returns the objects whose keys begin with a prefix and have no other slash. The
	// last one comes with an error if there are more that can't be listed.
	List(ctx context.Context, bucket, prefix string) iter.Seq2[Object, error]
	// Delete deletes an object if it still has that ETag. That it is gone or another one is
	// no error.
	Delete(ctx context.Context, bucket, key, etag string) error
}

// changes is what is to be done about the files of a folder.
type changes struct {
	// fetch are the files to fetch, delete the records of those whose objects are to go,
	// and remove the files that are on record and still on the server, although they are to go.
	fetch  []File
	delete []Record
	remove []listedFile
	// results are those that are known already.
	results []Result
	totals  Totals
	// next are the names of subfolders to walk, and gone those that are not there any more.
	next, gone []string
}

// comparison compares a folder with its manifest.
type comparison struct {
	plan    Plan
	sync    fetchconfig.Sync
	folder  Folder
	now     time.Time
	listing listing
	// objects are those in the bucket by their names; nil if nobody needs to know.
	objects map[string]Object
}

// compare returns what is to be done, and updates the manifest with what was seen.
func (c comparison) compare(m *manifest) (changes, error) {
	filter, err := destpath.NewFilter("", c.sync.Include, c.sync.Exclude)
	if err != nil {
		return changes{}, err
	}
	result := changes{totals: Totals{Folders: 1, Files: len(c.listing.Files)}}
	present := make(map[string]bool, len(c.listing.Files))
	for _, file := range c.listing.Files {
		present[file.Name] = true
		if c.isIgnored(filter, file) {
			result.totals.Ignored++
			continue
		}
		if err := checkName(c.folder, file.Name, len(c.folder.key(file.Name))); err != nil {
			result.results = append(result.results, c.result(file).failed(err))
			continue
		}
		c.compareFile(m, file, &result)
	}
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		if !present[name] {
			c.missing(m, name, &result)
		}
	}
	return result, c.compareFolders(m, &result)
}

// isIgnored reports whether the settings or the request leave a file alone.
func (c comparison) isIgnored(filter destpath.Filter, file listedFile) bool {
	maxAge, from := c.sync.MaxAge.D(), c.plan.Request.From
	return filter.SkipReason(c.folder.relative(file.Name)) != "" ||
		maxAge > 0 && file.Time.Before(c.plan.StartedAt.Add(-maxAge)) ||
		from != nil && file.Time.Before(*from)
}

func (c comparison) compareFile(m *manifest, file listedFile, result *changes) {
	record := m.files[file.Name]
	again := c.plan.Request.asksAgain(c.folder.path(file.Name))
	if !record.isFetched(file) && !again && c.isInPlace(m, file) {
		object := c.objects[file.Name]
		record = Record{Size: file.Size, Time: file.Time, ETag: object.ETag, FetchedAt: object.StoredAt}
		m.set(file.Name, record)
	}
	_, stored := c.objects[file.Name]
	isWanted := again || c.plan.Request.From != nil && !stored
	switch {
	case record.isFetched(file) && !isWanted:
		result.totals.Unchanged++
		if !record.MissingSince.IsZero() || record.Seen != nil {
			record.MissingSince, record.Seen = time.Time{}, nil
			m.set(file.Name, record)
		}
		if !c.sync.After.IsZero() {
			result.remove = append(result.remove, file)
		}
	case isWanted || c.isSettled(m, record, file):
		result.fetch = append(result.fetch, File(file))
	default:
		r := c.result(file)
		r.Outcome, r.Reason = Waiting, "it waits until its size and time stand still for "+c.sync.Settle.D().String()
		result.results = append(result.results, r)
	}
}

// isInPlace reports whether a file without a record is in the bucket as it is on the server.
// It is asked for folders without a manifest, as those of another program that fetched
// before, and of those whose manifest is damaged.
func (c comparison) isInPlace(m *manifest, file listedFile) bool {
	object, ok := c.objects[file.Name]
	return (m.isNew || m.damaged != "") && ok && object.Size == file.Size && !file.Time.IsZero() && !object.StoredAt.Before(file.Time)
}

// isSettled reports whether a file has been the same for long enough, and otherwise notes
// how it looks.
func (c comparison) isSettled(m *manifest, record Record, file listedFile) bool {
	settle := c.sync.Settle.D()
	if settle == 0 {
		return true
	}
	if seen := record.Seen; seen != nil && seen.Size == file.Size && seen.Time.Equal(file.Time) {
		return c.now.Sub(seen.At) >= settle
	}
	record.Seen = &Look{Size: file.Size, Time: file.Time, At: c.now}
	m.set(file.Name, record)
	return false
}

// missing is about a file that is on record and not in the listing.
func (c comparison) missing(m *manifest, name string, result *changes) {
	record := m.files[name]
	switch {
	case record.FetchedAt.IsZero():
		delete(m.files, name)
		m.changed = true
	case c.sync.Deletions == fetchconfig.Mirror:
		record.Name = name
		result.delete = append(result.delete, record)
	case record.MissingSince.IsZero():
		record.MissingSince = c.now
		m.set(name, record)
	case c.now.Sub(record.MissingSince) > keepMissing:
		delete(m.files, name)
		m.changed = true
	}
}

// compareFolders finds the subfolders to walk. A mirror keeps their names, so that the
// files of one that is gone can be deleted.
func (c comparison) compareFolders(m *manifest, result *changes) error {
	if !c.sync.RemoteFolders.Recursive {
		return nil
	}
	excluded, err := destpath.NewFilter("", nil, c.sync.Exclude)
	if err != nil {
		return err
	}
	for _, name := range c.listing.Folders {
		// A pattern that excludes any name in a folder excludes the folder.
		if excluded.SkipReason(c.folder.relative(name)+"/\x00/\x00") != "" {
			continue
		}
		if _, err := c.folder.child(name); err != nil {
			result.results = append(result.results, Result{Sync: c.sync.Name, Path: c.folder.path(name)}.failed(err))
			continue
		}
		result.next = append(result.next, name)
	}
	if c.sync.Deletions != fetchconfig.Mirror {
		return nil
	}
	for _, name := range m.folders {
		if !slices.Contains(c.listing.Folders, name) {
			result.gone = append(result.gone, name)
		}
	}
	// The names of those that are gone stay until their files are deleted.
	known := slices.Sorted(slices.Values(append(slices.Clone(result.gone), result.next...)))
	if !slices.Equal(known, m.folders) {
		m.folders, m.changed = known, true
	}
	return nil
}

func (c comparison) result(file listedFile) Result {
	return Result{Sync: c.sync.Name, Path: c.folder.path(file.Name), Key: c.folder.key(file.Name), Size: max(file.Size, 0), Time: file.Time}
}

// listObjects returns the objects of a folder by their names.
func listObjects(ctx context.Context, targets Targets, bucket string, f Folder) (map[string]Object, error) {
	objects := map[string]Object{}
	for object, err := range targets.List(ctx, bucket, f.Target) {
		if err != nil {
			return nil, fmt.Errorf("list the objects of %s: %w", f.Path, err)
		}
		objects[object.Key[len(f.Target):]] = object
	}
	return objects, nil
}

// deletionsError returns TooManyDeletions if a mirror would delete more than it may.
func deletionsError(sync fetchconfig.Sync, count int) error {
	if sync.MaxDeletions == 0 || count <= sync.MaxDeletions {
		return nil
	}
	return errkind.Errorf(TooManyDeletions, "%d files of the sync %s are gone, and a run may delete %d objects; none is deleted", count, sync.Name, sync.MaxDeletions)
}
