package fetchrun

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/digipres/sync-users/shared/domain/fetchconfig"
	"github.com/digipres/sync-users/shared/domain/maprun"
	"github.com/digipres/sync-users/shared/domain/run"
)

const (
	// batchSize is the most files of a batch. With maxBatches of the workflow at a time
	// they stay below the 1,000 files that a connector lets wait
	// (https://docs.aws.amazon.com/transfer/latest/userguide/scale-and-limits-sftp-connector.html).
	batchSize = 50
	// deleteBatchSize is the most objects that one batch deletes.
	deleteBatchSize = 500
)

// FolderFailure is a folder that could not be listed. Its files are as they were known.
type FolderFailure struct {
	Sync   string `json:"sync"`
	Path   string `json:"path"`
	Error  string `json:"error"`
	Reason string `json:"reason"`
}

// Batch is what one child execution fetches or deletes.
type Batch struct {
	// ID is unique in the run.
	ID   string    `json:"id"`
	Kind ChunkKind `json:"kind"`
	// Parts are parts of chunks, of one or more folders.
	Parts []Part `json:"parts"`
}

// Part is a part of a chunk.
type Part struct {
	Folder Folder     `json:"folder"`
	Object run.Object `json:"object"`
	From   int        `json:"from"`
	Count  int        `json:"count"`
}

// levelRecord is what the listings of a level found.
type levelRecord struct {
	// Totals are those of each sync.
	Totals   map[string]Totals `json:"totals"`
	Failures []FolderFailure   `json:"failures,omitempty"`
	Notes    []string          `json:"notes,omitempty"`
	Found    []foundFolder     `json:"found,omitempty"`
}

// foundFolder is a folder with something to do.
type foundFolder struct {
	Folder    Folder  `json:"folder"`
	Chunks    []Chunk `json:"chunks,omitempty"`
	Removable int     `json:"removable,omitempty"`
}

func levelKey(execution string, level int) string {
	return fmt.Sprintf("runs/%s/level-%d.json", execution, level)
}

// collect takes the results of a level, and returns the next one; or if there is none, what
// is to be fetched.
func (f PlanFunction) collect(ctx context.Context, event PlanEvent) (Walk, error) {
	var plan Plan
	if err := f.Store.Load(ctx, run.Object{Bucket: event.Walk.Folders.Bucket, Key: PlanKey(event.Execution)}, &plan); err != nil {
		return Walk{}, fmt.Errorf("read the plan: %w", err)
	}
	level := levelRecord{Totals: map[string]Totals{}}
	next, err := f.collectLevel(ctx, event, &level)
	if err != nil {
		return Walk{}, err
	}
	if _, err := f.Store.Save(ctx, levelKey(event.Execution, event.Walk.Level), level); err != nil {
		return Walk{}, fmt.Errorf("save the results of level %d: %w", event.Walk.Level, err)
	}
	if len(next) > 0 {
		return f.level(ctx, event.Execution, event.Walk.Level+1, next)
	}
	return f.finish(ctx, plan, *event.Walk)
}

// collectLevel returns the subfolders of the level. A folder without a result counts as
// failed.
func (f PlanFunction) collectLevel(ctx context.Context, event PlanEvent, level *levelRecord) ([]Folder, error) {
	waiting := map[string]Folder{}
	for folder, err := range run.Items[Folder](ctx, f.Store, event.Walk.Folders) {
		if err != nil {
			return nil, fmt.Errorf("read the folders of level %d: %w", event.Walk.Level, err)
		}
		waiting[folder.Sync+"\x00"+folder.Path] = folder
	}
	var next []Folder
	for child, err := range maprun.Children(ctx, f.Store, event.Listed.object()) {
		if err != nil {
			return nil, err
		}
		result, failure, ok := parseFolderResult(child)
		if !ok {
			continue
		}
		delete(waiting, result.Folder.Sync+"\x00"+result.Folder.Path)
		if failure != nil {
			level.fail(*failure)
			continue
		}
		folders, err := f.subfolders(ctx, result)
		if err != nil {
			return nil, err
		}
		next = append(next, folders...)
		level.add(result)
	}
	for _, id := range slices.Sorted(maps.Keys(waiting)) {
		level.fail(FolderFailure{waiting[id].Sync, waiting[id].Path, "NoResult", "the run ended before this folder was listed"})
	}
	return next, nil
}

func (l *levelRecord) fail(failure FolderFailure) {
	totals := l.Totals[failure.Sync]
	totals.FoldersFailed++
	l.Totals[failure.Sync] = totals
	l.Failures = append(l.Failures, failure)
}

func (l *levelRecord) add(result FolderResult) {
	totals := l.Totals[result.Folder.Sync]
	totals.add(result.Totals)
	l.Totals[result.Folder.Sync] = totals
	if result.Note != "" {
		l.Notes = append(l.Notes, result.Note)
	}
	if len(result.Chunks) > 0 || result.Removable > 0 {
		l.Found = append(l.Found, foundFolder{result.Folder, result.Chunks, result.Removable})
	}
}

func (f PlanFunction) subfolders(ctx context.Context, result FolderResult) ([]Folder, error) {
	names := subfolders{result.Next, result.Gone}
	if result.More != nil {
		if err := f.Store.Load(ctx, *result.More, &names); err != nil {
			return nil, fmt.Errorf("read the subfolders of %s: %w", result.Folder.Path, err)
		}
	}
	var folders []Folder
	for i, name := range append(slices.Clone(names.Next), names.Gone...) {
		child, err := result.Folder.child(name)
		if err != nil {
			continue // list-folder has told.
		}
		child.Gone = i >= len(names.Next)
		folders = append(folders, child)
	}
	return folders, nil
}

// parseFolderResult returns the result of a child execution; false if it does not name a
// folder. The failure is nil if the folder was listed.
func parseFolderResult(child maprun.Child) (FolderResult, *FolderFailure, bool) {
	var output struct {
		FolderResult
		Caught *struct{ Error, Cause string } `json:"caught"`
	}
	if json.Unmarshal([]byte(child.Output), &output) == nil && output.Folder.Path != "" {
		if caught := output.Caught; caught != nil {
			return output.FolderResult, folderFailure(output.Folder, caught.Error, caught.Cause), true
		}
		return output.FolderResult, nil, true
	}
	if json.Unmarshal([]byte(child.Input), &output) != nil || output.Folder.Path == "" || child.Error == "" {
		return FolderResult{}, nil, false
	}
	return output.FolderResult, folderFailure(output.Folder, child.Error, child.Cause), true
}

func folderFailure(f Folder, name, cause string) *FolderFailure {
	return &FolderFailure{f.Sync, f.Path, name, maprun.Reason(name, cause)}
}

// levels returns what was found on each level of a walk.
func levels(ctx context.Context, store Store, bucket, execution string, last int) iter.Seq2[levelRecord, error] {
	return func(yield func(levelRecord, error) bool) {
		for level := range last + 1 {
			var record levelRecord
			err := store.Load(ctx, run.Object{Bucket: bucket, Key: levelKey(execution, level)}, &record)
			if err != nil {
				err = fmt.Errorf("read the results of level %d: %w", level, err)
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// finish returns what is to be done when all folders were walked. A dry run does nothing.
// A mirror deletes only if no folder of its sync failed, and not too much.
func (f PlanFunction) finish(ctx context.Context, plan Plan, walk Walk) (Walk, error) {
	log, _, err := f.Mails.Read(ctx)
	if err != nil {
		return Walk{}, fmt.Errorf("read which failures were mailed: %w", err)
	}
	walk.Count, walk.MailDue = 0, log.Due(f.Now())
	var found []foundFolder
	deletions, incomplete := map[string]int{}, map[string]bool{}
	for level, err := range levels(ctx, f.Store, walk.Folders.Bucket, plan.Execution, walk.Level) {
		if err != nil {
			return Walk{}, err
		}
		found = append(found, level.Found...)
		for _, failure := range level.Failures {
			incomplete[failure.Sync] = true
		}
		for _, folder := range level.Found {
			for _, chunk := range folder.Chunks {
				if chunk.Kind == DeleteChunk {
					deletions[folder.Folder.Sync] += chunk.Count
				}
			}
		}
	}
	var b batches
	cleanups := []Folder{}
	for _, folder := range found {
		sync := plan.sync(folder.Folder.Sync)
		fetches := 0
		for _, chunk := range folder.Chunks {
			switch {
			case plan.Request.DryRun, chunk.Kind == ResultChunk:
			case chunk.Kind == FetchChunk:
				fetches += chunk.Count
				b.add(folder.Folder, chunk, batchSize)
			case mayDelete(sync, incomplete[sync.Name], deletions[sync.Name]) == nil:
				b.add(folder.Folder, chunk, deleteBatchSize)
			}
		}
		if !plan.Request.DryRun && !sync.After.IsZero() && fetches+folder.Removable > 0 {
			cleanups = append(cleanups, folder.Folder)
		}
	}
	for _, list := range []struct {
		name  string
		value any
		place *run.Object
	}{{"batches", b.all(), &walk.Batches}, {"cleanups", cleanups, &walk.Cleanups}} {
		place, err := f.Store.Save(ctx, "runs/"+plan.Execution+"/"+list.name+".json", list.value)
		if err != nil {
			return Walk{}, fmt.Errorf("save the %s: %w", list.name, err)
		}
		*list.place = place
	}
	walk.BatchCount, walk.CleanupCount = len(b.all()), len(cleanups)
	return walk, nil
}

// mayDelete returns why a mirror deletes nothing; nil if it may.
func mayDelete(sync fetchconfig.Sync, incomplete bool, count int) error {
	if incomplete {
		return errIncomplete
	}
	return deletionsError(sync, count)
}

// batches fills batches with parts of chunks.
type batches struct {
	list []Batch
	// open are the indexes of the last batch of each kind, and size the number of its files.
	open map[ChunkKind]int
	size map[ChunkKind]int
}

func (b *batches) all() []Batch {
	if b.list == nil {
		return []Batch{}
	}
	return b.list
}

func (b *batches) add(folder Folder, chunk Chunk, most int) {
	if b.open == nil {
		b.open, b.size = map[ChunkKind]int{}, map[ChunkKind]int{}
	}
	for from := 0; from < chunk.Count; {
		i, ok := b.open[chunk.Kind]
		if !ok || b.size[chunk.Kind] == most {
			i = len(b.list)
			b.open[chunk.Kind], b.size[chunk.Kind] = i, 0
			b.list = append(b.list, Batch{ID: fmt.Sprintf("%s-%d", chunk.Kind, i), Kind: chunk.Kind})
		}
		count := min(chunk.Count-from, most-b.size[chunk.Kind])
		b.list[i].Parts = append(b.list[i].Parts, Part{folder, chunk.Object, from, count})
		b.size[chunk.Kind] += count
		from += count
	}
}
