package account

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/metrics"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Event is what the workflow hands to sync-user.
type Event struct {
	StateMachine string   `json:"stateMachine"`
	Execution    string   `json:"execution"`
	DryRun       bool     `json:"dryRun"`
	User         run.User `json:"user"`
	// Retry counts the attempts that went before.
	Retry int `json:"retry"`
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

// Handle syncs the user. It logs which buckets were identified, and what came
// of it in a line that counts. Its errors are those of Syncer.Sync.
func (f Function) Handle(ctx context.Context, event Event) (run.Result, error) {
	user := event.User
	slog.InfoContext(ctx, "syncing user", "stacks", list(user.Stacks), "buckets", list(user.BucketNames()), "retry", event.Retry)
	result, err := f.Syncer.Sync(ctx, user, event.DryRun)
	counts := map[string]float64{
		"Retries":      float64(min(event.Retry, 1)),
		"SFTPGoErrors": countServerError(err),
	}
	if err != nil {
		metrics.Log(ctx, "user not synced", event.StateMachine, counts)
		return run.Result{}, err
	}
	metrics.Log(ctx, "user synced", event.StateMachine, counts,
		"outcome", result.Outcome, "reason", result.Reason,
		"buckets", list(result.Buckets), "added", list(result.Added), "removed", list(result.Removed),
		"dryRun", strconv.FormatBool(event.DryRun))
	return result, nil
}

// list is one value for several names: of an array, CloudWatch makes a field an
// element (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html).
func list(names []string) string { return strings.Join(names, " ") }

// countServerError is 1 for an error of SFTPGo's, and 0 for any other.
func countServerError(err error) float64 {
	var server serverError
	if errors.As(err, &server) && errkind.Of(err) != errkind.Conflict {
		return 1
	}
	return 0
}
