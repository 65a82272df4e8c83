package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/metrics"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Event is the input of sync-user.
type Event struct {
	StateMachine string `json:"stateMachine"`
	Execution    string `json:"execution"`
	DryRun       bool   `json:"dryRun"`
	// RefreshKeys asks for the keys of every folder to be written.
	RefreshKeys bool     `json:"refreshKeys"`
	User        run.User `json:"user"`
	// Check asks only whether the run can sync any user, and DeleteLeftovers for
	// the folders that interrupted syncs left over to be deleted. There is no User
	// then.
	Check           bool `json:"check"`
	DeleteLeftovers bool `json:"deleteLeftovers"`
	// Retry counts the earlier attempts.
	Retry int `json:"retry"`
}

// LogAttrs returns the attributes of every log line.
func (e Event) LogAttrs() []slog.Attr {
	if e.DeleteLeftovers {
		return []slog.Attr{slog.String("execution", e.Execution)}
	}
	return []slog.Attr{
		slog.String("execution", e.Execution),
		slog.String("username", e.User.Username),
		slog.String("email", e.User.Email),
	}
}

// Function is the Lambda function sync-user, which syncs one user of a run. Before
// the first of them it checks the server, and after the last it deletes what
// interrupted syncs left over.
type Function struct {
	Syncer  Syncer
	Cleaner Cleaner
	Server  Server
	Lock    RunLock
}

// Server is the SFTPGo server.
type Server interface {
	// Version returns the server's version.
	Version(ctx context.Context) (string, error)
}

// RunLock is the lock that lets only one run write at a time.
type RunLock interface {
	// Verify returns RunLockLost if the execution of that state machine, both by
	// their names, does not have the lock.
	Verify(ctx context.Context, stateMachine, execution string) error
}

// Handle syncs the user, and logs the user's buckets and then the result with
// metrics. Its errors are those of Syncer.Sync and Cleaner.DeleteLeftovers, and
// RunLockLost, except in a dry run. For a Check, it returns the error of a server
// that can't be used.
func (f Function) Handle(ctx context.Context, event Event) (run.Result, error) {
	if !event.DryRun {
		if err := f.Lock.Verify(ctx, event.StateMachine, event.Execution); err != nil {
			return run.Result{}, err
		}
	}
	switch {
	case event.Check:
		return run.Result{}, f.checkServer(ctx, event)
	case event.DeleteLeftovers:
		return run.Result{}, f.deleteLeftovers(ctx, event.DryRun)
	}
	user := event.User
	slog.InfoContext(ctx, "syncing user", "stacks", joinNames(user.Stacks), "buckets", joinNames(user.BucketNames()), "retry", event.Retry)
	syncer := f.Syncer
	syncer.RefreshKeys = event.RefreshKeys
	result, err := syncer.Sync(ctx, user, event.DryRun)
	counts := map[string]float64{
		"Retries":      float64(min(event.Retry, 1)),
		"SFTPGoErrors": countSFTPGoErrors(err),
	}
	if err != nil {
		metrics.Log(ctx, "user not synced", event.StateMachine, counts)
		return run.Result{}, err
	}
	metrics.Log(ctx, "user synced", event.StateMachine, counts,
		"outcome", result.Outcome, "reason", result.Reason,
		"buckets", joinNames(result.Buckets), "added", joinNames(result.Added), "removed", joinNames(result.Removed),
		"dryRun", strconv.FormatBool(event.DryRun))
	return result, nil
}

func (f Function) deleteLeftovers(ctx context.Context, dryRun bool) error {
	names, err := f.Cleaner.DeleteLeftovers(ctx, dryRun)
	slog.InfoContext(ctx, "leftover folders", "folders", joinNames(names), "dryRun", strconv.FormatBool(dryRun))
	return err
}

// checkServer returns an error if the server can't be used.
func (f Function) checkServer(ctx context.Context, event Event) error {
	version, err := f.Server.Version(ctx)
	if err != nil {
		metrics.Log(ctx, "SFTPGo can't be used", event.StateMachine, map[string]float64{"SFTPGoErrors": 1})
		return fmt.Errorf("ask SFTPGo, before any user is synced: %w", err)
	}
	slog.InfoContext(ctx, "SFTPGo answers", "version", version)
	return nil
}

// joinNames makes one value of names: CloudWatch makes a field of each element of
// an array (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html).
func joinNames(names []string) string { return strings.Join(names, " ") }

// countSFTPGoErrors returns 1 for an error of the SFTPGo server, and 0 for any
// other. A Conflict is not the server's.
func countSFTPGoErrors(err error) float64 {
	var server sftpgoError
	if errors.As(err, &server) && errkind.Of(err) != errkind.Conflict {
		return 1
	}
	return 0
}
