package account

import (
	"context"
	"log/slog"

	"github.com/digipres/sync-users/shared/run"
)

// Event is what the workflow hands to sync-user.
type Event struct {
	Execution string   `json:"execution"`
	DryRun    bool     `json:"dryRun"`
	User      run.User `json:"user"`
}

// LogAttrs are what every log line carries.
func (e Event) LogAttrs() []slog.Attr {
	return []slog.Attr{
		slog.String("execution", e.Execution),
		slog.String("username", e.User.Username),
		slog.String("email", e.User.Email),
	}
}

// Function is sync-user: one user of a run.
type Function struct{ Syncer Syncer }

// Handle syncs the user, and logs who it was and with which outcome. Its
// errors are those of Syncer.Sync.
func (f Function) Handle(ctx context.Context, event Event) (run.Result, error) {
	user := event.User
	slog.InfoContext(ctx, "syncing user", "stacks", user.Stacks, "buckets", user.BucketNames())
	result, err := f.Syncer.Sync(ctx, user, event.DryRun)
	if err != nil {
		return run.Result{}, err
	}
	slog.InfoContext(ctx, "user synced",
		"outcome", result.Outcome, "reason", result.Reason,
		"buckets", result.Buckets, "added", result.Added, "removed", result.Removed, "dryRun", event.DryRun)
	return result, nil
}
