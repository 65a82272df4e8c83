package fetchrun

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"slices"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
	"github.com/digipres/sync-users/shared/domain/run"
)

// FolderEvent is the input of list-folder.
type FolderEvent struct {
	Execution string `json:"execution"`
	Folder    Folder `json:"folder"`
	// Cleanup is whether files that were fetched are to be removed or moved.
	Cleanup bool `json:"cleanup"`
	// Progress is that of the last invocation's result, if that was not done.
	Progress *ListingProgress `json:"progress"`
}

// LogAttrs returns the attributes of every log line.
func (e FolderEvent) LogAttrs() []slog.Attr {
	return []slog.Attr{slog.String("execution", e.Execution), slog.String("sync", e.Folder.Sync), slog.String("folder", e.Folder.Path)}
}

// ListingProgress is a listing that was started.
type ListingProgress struct {
	ID        string     `json:"id"`
	Object    run.Object `json:"object"`
	StartedAt time.Time  `json:"startedAt"`
	// Removals is how many files the cleanup has dealt with.
	Removals int `json:"removals,omitempty"`
}

// FolderResult is the result of list-folder, and the output of a child execution.
type FolderResult struct {
	Folder Folder `json:"folder"`
	// Done is whether the folder is dealt with. Otherwise the function has to be invoked
	// again after WaitSeconds, with the Progress.
	Done        bool             `json:"done"`
	Progress    *ListingProgress `json:"progress"`
	WaitSeconds int              `json:"waitSeconds"`
	Totals      Totals           `json:"totals"`
	// Absent is whether the folder is not there, which is no failure.
	Absent bool `json:"absent,omitempty"`
	// Next are the names of the subfolders, and Gone of those that are not there any more.
	// If they are many, both are in More instead.
	Next []string    `json:"next,omitempty"`
	Gone []string    `json:"gone,omitempty"`
	More *run.Object `json:"more,omitempty"`
	// Chunks are what is to be done about the files.
	Chunks []Chunk `json:"chunks,omitempty"`
	// Removable is how many files are on record and still on the server, although they are
	// to be removed or moved.
	Removable int `json:"removable,omitempty"`
	// Note is what a person should know.
	Note string `json:"note,omitempty"`
}

// Chunk is a part of the files of a folder.
type Chunk struct {
	Kind   ChunkKind  `json:"kind"`
	Object run.Object `json:"object"`
	Count  int        `json:"count"`
}

// ChunkKind says what is in a chunk.
type ChunkKind string

// The kinds of chunks: Files to fetch, Records whose objects are to be deleted, and Results
// that are known already.
const (
	FetchChunk  ChunkKind = "fetch"
	DeleteChunk ChunkKind = "delete"
	ResultChunk ChunkKind = "results"
)

const (
	// chunkSize is the most files of a chunk, which every batch reads whole.
	chunkSize = 1000
	// maxNames is the most subfolders, and maxNamesSize their bytes, that are in a result.
	// An output is limited to 256 KiB.
	maxNames     = 1000
	maxNamesSize = 100 << 10
	// listingLimit is how long a listing may take. A connector does one after the other.
	listingLimit = 15 * time.Minute
	// lookFor is how long one invocation waits for a listing.
	lookFor = 20 * time.Second
)

// Listing is a listing that was started.
type Listing struct {
	// ID is in the events about it, and FileName that of the object in the directory for
	// the output.
	ID, FileName string
}

// Lister starts listings.
type Lister interface {
	// StartListing has the entries of a folder listed into an object of the output
	// directory, which is `/bucket/prefix`.
	StartListing(ctx context.Context, folder, outputDirectory string, maxItems int) (Listing, error)
}

// FolderFunction is the Lambda function list-folder: it lists a folder and compares it with
// what is on record.
type FolderFunction struct {
	Plans   *Plans
	Locks   Locks
	Lister  Lister
	Remover Remover
	Store   RecordStore
	Targets Targets
	Now     func() time.Time
	// Sleep waits, or returns the error of a context that ends.
	Sleep func(context.Context, time.Duration) error

	verifier lockVerifier
}

// Handle lists the folder; or returns how far that is, because a listing may take longer
// than an invocation. Its errors are those of the listing, which fail this folder and no
// other: Unavailable if neither a listing nor an event came, IncompleteReading if there are
// too many entries, PermissionDenied, and others.
func (f *FolderFunction) Handle(ctx context.Context, event FolderEvent) (FolderResult, error) {
	plan, err := f.Plans.read(ctx, event.Execution)
	if err != nil {
		return FolderResult{}, err
	}
	f.verifier.Locks = f.Locks
	if err := f.verifier.verify(ctx, plan, event.Folder.Sync); err != nil {
		return FolderResult{}, err
	}
	if event.Folder.Gone {
		return f.compare(ctx, plan, event, listing{})
	}
	progress := event.Progress
	if progress == nil {
		if progress, err = f.start(ctx, event); err != nil {
			return FolderResult{}, err
		}
	}
	l, found, err := f.await(ctx, event.Folder, progress)
	switch {
	case errors.Is(err, errAbsent):
		return FolderResult{Folder: event.Folder, Done: true, Absent: true}, nil
	case err != nil:
		return FolderResult{}, err
	case !found:
		wait := min(60, max(5, int(f.Now().Sub(progress.StartedAt).Seconds())/4))
		return FolderResult{Folder: event.Folder, Progress: progress, WaitSeconds: wait}, nil
	case event.Cleanup:
		return f.cleanUp(ctx, plan, event, progress, l)
	}
	return f.compare(ctx, plan, event, l)
}

func (f *FolderFunction) start(ctx context.Context, event FolderEvent) (*ListingProgress, error) {
	directory := "listings/" + event.Execution
	started, err := f.Lister.StartListing(ctx, event.Folder.Path, "/"+f.Plans.Bucket+"/"+directory, maxItems)
	if err != nil {
		return nil, fmt.Errorf("start the listing of %s: %w", event.Folder.Path, err)
	}
	return &ListingProgress{
		ID: started.ID, Object: run.Object{Bucket: f.Plans.Bucket, Key: path.Join(directory, started.FileName)}, StartedAt: f.Now(),
	}, nil
}

// errAbsent means that a folder is not there.
var errAbsent = errors.New("there is no such folder")

// await waits a while for a listing. It returns errAbsent if the folder is not there and need
// not be.
func (f *FolderFunction) await(ctx context.Context, folder Folder, progress *ListingProgress) (listing, bool, error) {
	until, pause := f.Now().Add(lookFor), 200*time.Millisecond
	for {
		body, err := f.Store.Open(ctx, progress.Object)
		if err == nil {
			defer body.Close()
			l, err := readListing(body, folder.Path)
			return l, err == nil, err
		}
		if !errors.Is(err, run.ErrNoObject) {
			return listing{}, false, fmt.Errorf("read the listing of %s: %w", folder.Path, err)
		}
		var told Event
		if known, err := f.Store.LoadIfExists(ctx, EventKey(progress.ID), &told); err != nil {
			return listing{}, false, fmt.Errorf("read what became of the listing of %s: %w", folder.Path, err)
		} else if known && told.Failed() {
			return listing{}, false, listingError(folder, told)
		}
		switch now := f.Now(); {
		case now.Sub(progress.StartedAt) > listingLimit:
			return listing{}, false, errkind.Errorf(errkind.Unavailable,
				"%s could not be listed: %v after the connector began, there are neither a listing nor an event that says why", folder.Path, listingLimit)
		case now.After(until):
			return listing{}, false, nil
		}
		if err := f.Sleep(ctx, pause); err != nil {
			return listing{}, false, err
		}
		pause = min(pause*2, 2*time.Second)
	}
}

// listingError returns the error of a listing that failed.
func listingError(folder Folder, told Event) error {
	if isNotFound(told.FailureCode, told.FailureMessage) {
		// A folder with a date need not be there, and any other one but the root may have
		// gone since its parent was listed.
		if folder.Dated || folder.Path != folder.Root {
			return errAbsent
		}
		return errkind.Errorf(errkind.Misconfigured, "the folder %s is not on the server: %s", folder.Path, told.reason())
	}
	return errkind.Errorf(failureKind(told.FailureCode, told.FailureMessage), "%s can't be listed: %s", folder.Path, told.reason())
}

// compare compares the listing with the manifest, and writes what is to be done.
func (f *FolderFunction) compare(ctx context.Context, plan Plan, event FolderEvent, l listing) (FolderResult, error) {
	sync, folder := plan.sync(event.Folder.Sync), event.Folder
	m, comparison, err := f.prepare(ctx, plan, folder, l)
	if err != nil {
		return FolderResult{}, err
	}
	found, err := comparison.compare(&m)
	if err != nil {
		return FolderResult{}, err
	}
	if !plan.Request.DryRun {
		if err := m.save(ctx, f.Store, sync.LocalRepository.BucketName, folder); err != nil {
			return FolderResult{}, err
		}
	}
	result := FolderResult{Folder: folder, Done: true, Totals: found.totals, Next: found.next, Gone: found.gone, Removable: len(found.remove)}
	if m.damaged != "" {
		result.Note = fmt.Sprintf("the manifest of %s was damaged, and was made anew from the listing and the bucket: %s", folder.Path, m.damaged)
		slog.WarnContext(ctx, "manifest damaged", "folder", folder.Path, "reason", m.damaged)
	}
	return result, f.save(ctx, event.Execution, &result, found)
}

// prepare reads what the listing is compared with.
func (f *FolderFunction) prepare(ctx context.Context, plan Plan, folder Folder, l listing) (manifest, comparison, error) {
	sync := plan.sync(folder.Sync)
	c := comparison{plan: plan, sync: sync, folder: folder, now: f.Now(), listing: l}
	m, err := readManifest(ctx, f.Store, f.Plans.Bucket, sync.LocalRepository.BucketName, folder)
	if err != nil {
		return m, c, err
	}
	if len(l.Files) > 0 && (m.isNew || m.damaged != "" || plan.Request.From != nil) {
		c.objects, err = listObjects(ctx, f.Targets, sync.LocalRepository.BucketName, folder)
	}
	// A manifest is there from the first look on, so that what fails then is fetched later.
	m.changed = m.changed || m.damaged != "" || m.isNew
	return m, c, err
}

// save writes what is too large for a result.
func (f *FolderFunction) save(ctx context.Context, execution string, result *FolderResult, found changes) error {
	name := fmt.Sprintf("runs/%s/folders/%x", execution, sha256.Sum256([]byte(result.Folder.Sync+"\x00"+result.Folder.Path)))
	size := 0
	for _, folder := range append(slices.Clone(found.next), found.gone...) {
		size += len(folder) + 20
	}
	if len(found.next)+len(found.gone) > maxNames || size > maxNamesSize {
		place, err := f.Store.Save(ctx, name+"-folders.json", subfolders{found.next, found.gone})
		if err != nil {
			return fmt.Errorf("save the subfolders: %w", err)
		}
		result.Next, result.Gone, result.More = nil, nil, &place
	}
	return errors.Join(
		saveChunks(ctx, f.Store, name, FetchChunk, found.fetch, result),
		saveChunks(ctx, f.Store, name, DeleteChunk, found.delete, result),
		saveChunks(ctx, f.Store, name, ResultChunk, found.results, result))
}

// subfolders are those of a result, where they are too many for it.
type subfolders struct {
	Next []string `json:"next"`
	Gone []string `json:"gone"`
}

func saveChunks[T any](ctx context.Context, store run.Writer, name string, kind ChunkKind, items []T, result *FolderResult) error {
	n := 0
	for chunk := range slices.Chunk(items, chunkSize) {
		place, err := store.Save(ctx, fmt.Sprintf("%s-%s-%d.json", name, kind, n), chunk)
		if err != nil {
			return fmt.Errorf("save what is to be done: %w", err)
		}
		result.Chunks = append(result.Chunks, Chunk{kind, place, len(chunk)})
		n++
	}
	return nil
}

// bucketOf returns where the files of a sync go.
func bucketOf(plan Plan, sync string) fetchconfig.LocalRepository {
	return plan.sync(sync).LocalRepository
}
