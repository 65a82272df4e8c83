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

// ExecutionName is the name that every log line carries.
func (e Event) ExecutionName() string { return e.Execution }

// Function is sync-user: one user of a run.
type Function struct{ Syncer Syncer }

// Handle syncs the user, and logs who it was and with which outcome. Its
// errors are those of Syncer.Sync.
func (f Function) Handle(ctx context.Context, event Event) (run.Result, error) {
	user := event.User
	slog.InfoContext(ctx, "syncing user",
		"username", user.Username, "email", user.Email, "stacks", user.Stacks, "buckets", user.BucketNames())
	result, err := f.Syncer.Sync(ctx, user, event.DryRun)
	if err != nil {
		return run.Result{}, err
	}
	slog.InfoContext(ctx, "user synced",
		"username", result.Username, "email", result.Email, "outcome", result.Outcome, "reason", result.Reason,
		"buckets", result.Buckets, "added", result.Added, "removed", result.Removed, "dryRun", event.DryRun)
	return result, nil
}
