package sendrun

import (
	"context"
	"fmt"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// SupersededKey is the key of the record in the runs bucket that names the last run by
// which another one was superseded.
const SupersededKey = "superseded.json"

type superseded struct {
	// By is the ARN of the execution that has to look once more.
	By string `json:"by"`
}

// lookAgain releases the lock, and reports whether there are objects to be sent that the
// run did not have. Those that failed in the run are not among them.
func (f ListFunction) lookAgain(ctx context.Context, event ListEvent) (bool, error) {
	if err := runlock.Release(ctx, f.Lock, event.ExecutionARN); err != nil {
		return false, err
	}
	// A run for all objects has seen all that were there. Any other one is followed by a
	// run only if that was superseded, and does not send what nobody asked for.
	if event.Run.Key != "" || event.Run.Keys > 0 || event.Run.Prefix != f.Source.Prefix || event.Run.DryRun {
		var last superseded
		_, err := f.Runs.LoadIfExists(ctx, SupersededKey, &last)
		return last.By == event.ExecutionARN, err
	}
	known := Manifest{}
	if keepsObjects(f.Options) {
		var err error
		if known, err = readManifest(ctx, f.Runs); err != nil {
			return false, err
		}
	}
	for object, err := range run.Items[sendfile.Object](ctx, f.Runs, event.Run.Objects) {
		if err != nil {
			return false, fmt.Errorf("read the objects of the run: %w", err)
		}
		known[hash(object)] = true
	}
	for object, err := range f.Lister.List(ctx, f.Source.Bucket, f.Source.Prefix) {
		if err != nil {
			return false, fmt.Errorf("list the objects: %w", err)
		}
		if !known.Has(object) && f.Options.SkipReason(object.Key) == "" {
			return true, nil
		}
	}
	return false, nil
}
