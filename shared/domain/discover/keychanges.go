package discover

import (
	"context"
	"log/slog"
	"time"

	"github.com/digipres/sync-users/shared/domain/run"
)

// KeyChange says that a user's keys changed in the key store.
type KeyChange struct {
	// Username is the IAM user's name; empty if the keys are nobody's.
	Username string
	// Receipt is by what the change is deleted.
	Receipt string
}

// KeyChanges receives the changes of users' keys.
type KeyChanges interface {
	// Receive returns changes, which come again later unless they are deleted. It may
	// leave some for the next call; it misses none, up to a limit, if it may wait a
	// second.
	Receive(ctx context.Context, wait bool) ([]KeyChange, error)
	Delete(ctx context.Context, changes []KeyChange) error
}

// receiveTimeout is how long a run receives changes. A queue that is slow, or has very many,
// must not use up the time that the run needs for everything else.
const receiveTimeout = 30 * time.Second

// receiveKeyChanges returns the changes of keys since the last run. A run for everybody
// takes them too, because it syncs these users as well, but needs not wait for all. An
// error is only logged: what is missed, the next run for everybody finds.
func (f Function) receiveKeyChanges(ctx context.Context, request run.Request) []KeyChange {
	if request.Username != "" || request.DryRun {
		return nil
	}
	receiveCtx, cancel := context.WithTimeout(ctx, receiveTimeout)
	defer cancel()
	changes, err := f.KeyChanges.Receive(receiveCtx, request.ChangedOnly)
	if err != nil {
		slog.WarnContext(ctx, "changes of keys not received", "error", err)
	}
	return changes
}

// deleteKeyChanges deletes changes that the run acts on. An error is only logged: then they
// come again.
func (f Function) deleteKeyChanges(ctx context.Context, changes []KeyChange) {
	if len(changes) == 0 {
		return
	}
	if err := f.KeyChanges.Delete(ctx, changes); err != nil {
		slog.WarnContext(ctx, "changes of keys not deleted", "error", err)
	}
}

// usernames returns whose keys changed.
func usernames(changes []KeyChange) map[string]bool {
	names := map[string]bool{}
	for _, change := range changes {
		names[change.Username] = true
	}
	return names
}
