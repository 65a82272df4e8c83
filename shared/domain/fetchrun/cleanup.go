package fetchrun

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

const (
	// eventLimit is how long the cleanup waits for the event about a file, after which the
	// next run looks whether the file is still there.
	eventLimit = 2 * time.Minute
	// removalsAtOnce is how many files one step removes.
	removalsAtOnce = 25
)

// Remover removes and moves files of the partner's server.
type Remover interface {
	// StartMove and StartDelete return the id that the event about it has.
	StartMove(ctx context.Context, source, target string) (string, error)
	StartDelete(ctx context.Context, path string) (string, error)
}

// cleanUp removes or moves the files of a folder that are on record as they were listed just
// now: what was fetched is what goes.
func (f *FolderFunction) cleanUp(ctx context.Context, plan Plan, event FolderEvent, progress *ListingProgress, l listing) (FolderResult, error) {
	folder, sync := event.Folder, plan.sync(event.Folder.Sync)
	m, comparison, err := f.prepare(ctx, plan, folder, l)
	if err != nil {
		return FolderResult{}, err
	}
	// What was asked for again is fetched by now.
	comparison.plan.Request.Again, comparison.plan.Request.From = nil, nil
	found, err := comparison.compare(&m)
	if err != nil {
		return FolderResult{}, err
	}
	if err := m.save(ctx, f.Store, sync.LocalRepository.BucketName, folder); err != nil {
		return FolderResult{}, err
	}
	until := f.Now().Add(workFor)
	for progress.Removals < len(found.remove) && f.Now().Before(until) {
		batch := found.remove[progress.Removals:min(progress.Removals+removalsAtOnce, len(found.remove))]
		results, err := f.removeFiles(ctx, plan, folder, batch)
		if err != nil {
			return FolderResult{}, err
		}
		if _, err := f.Store.Save(ctx, cleanupKey(plan.Execution, folder, progress.Removals), results); err != nil {
			return FolderResult{}, fmt.Errorf("save the results: %w", err)
		}
		progress.Removals += len(batch)
	}
	result := FolderResult{Folder: folder, Done: progress.Removals >= len(found.remove)}
	if !result.Done {
		result.Progress, result.WaitSeconds = progress, 1
	}
	return result, nil
}

func cleanupPrefix(execution string) string { return "runs/" + execution + "/cleanups/" }

func cleanupKey(execution string, folder Folder, from int) string {
	return fmt.Sprintf("%s%x-%d.json", cleanupPrefix(execution), sha256.Sum256([]byte(folder.Sync+"\x00"+folder.Path)), from)
}

// removeFiles removes or moves files, and waits for what becomes of it.
func (f *FolderFunction) removeFiles(ctx context.Context, plan Plan, folder Folder, files []listedFile) ([]Result, error) {
	sync := plan.sync(folder.Sync)
	results, ids := make([]Result, len(files)), make([]string, len(files))
	for i, file := range files {
		path := folder.path(file.Name)
		results[i] = Result{Sync: folder.Sync, Path: path, Key: folder.key(file.Name), Size: max(file.Size, 0), Time: file.Time, Outcome: Removed}
		var err error
		if sync.After.Delete {
			ids[i], err = f.Remover.StartDelete(ctx, path)
		} else {
			results[i].Outcome = Moved
			ids[i], err = f.Remover.StartMove(ctx, path, movedPath(sync, plan.StartedAt, folder, file.Name))
		}
		if err != nil && errkind.Of(err).Retried() {
			return nil, err
		}
		if err != nil {
			results[i] = results[i].failed(fmt.Errorf("it was fetched, but can't be removed: %w", err))
		}
	}
	begun, pause := f.Now(), 100*time.Millisecond
	for i := range results {
		for ids[i] != "" {
			var told Event
			known, err := f.Store.LoadIfExists(ctx, EventKey(ids[i]), &told)
			switch {
			case err != nil:
				return nil, fmt.Errorf("read what became of %s: %w", results[i].Path, err)
			case known && told.Failed() && !isNotFound(told.FailureCode, told.FailureMessage):
				kind := failureKind(told.FailureCode, told.FailureMessage)
				results[i] = results[i].failed(errkind.Errorf(kind, "it was fetched, but can't be removed: %s", told.reason()))
				fallthrough
			case known:
				ids[i] = ""
				continue
			case f.Now().Sub(begun) > eventLimit:
				results[i] = results[i].failed(errkind.Errorf(errkind.Unavailable,
					"it was fetched, and AWS has told nothing of its removal for %v; the next run looks again", eventLimit))
				ids[i] = ""
				continue
			}
			if err := f.Sleep(ctx, pause); err != nil {
				return nil, err
			}
			pause = min(pause*2, 2*time.Second)
		}
	}
	return results, nil
}

// errIncomplete means that a folder could not be listed.
var errIncomplete = errors.New("not every folder could be listed, so nothing is deleted")
