// Package syncuser is the Lambda function that syncs one user of a run, whichever
// server the accounts are on.
package syncuser

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	"github.com/digipres/sync-users/shared/domain/metrics"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Event is the input of the function.
type Event struct {
	StateMachine string `json:"stateMachine"`
	Execution    string `json:"execution"`
	DryRun       bool   `json:"dryRun"`
	// RefreshKeys asks for the keys of every folder to be written.
	RefreshKeys bool     `json:"refreshKeys"`
	User        run.User `json:"user"`
	// Check asks only whether the run can sync any user, and DeleteLeftovers for
	// what interrupted syncs left over to be deleted. There is no User then.
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

// Function is the Lambda function that syncs one user of a run. Before the first of
// them it checks the server, and after the last it deletes what interrupted syncs left
// over.
type Function struct {
	Server Server
	// ServerName is the server's name in log lines and in the name of the metric that
	// counts its errors, such as SFTPGoErrors.
	ServerName string
	Lock       RunLock
}

// Server is an SFTP server with accounts that follow IAM users. Errors that it returned
// itself are marked as ServerError.
type Server interface {
	// Check returns an error if the server can't be used.
	Check(ctx context.Context) error
	// SyncUser syncs the account of the event's User, or in a dry run returns what it
	// would do. It returns an error instead of a Failed result; the error's kind says
	// what to do about it.
	SyncUser(ctx context.Context, event Event) (run.Result, error)
	// DeleteLeftovers deletes what interrupted syncs left over, or in a dry run only
	// logs it. No sync may run meanwhile.
	DeleteLeftovers(ctx context.Context, dryRun bool) error
}

// RunLock is the lock that lets only one run write at a time.
type RunLock interface {
	// Verify returns RunLockLost if the execution of that state machine, both by
	// their names, does not have the lock.
	Verify(ctx context.Context, stateMachine, execution string) error
}

// Handle syncs the user, and logs the user's buckets and then the result with
// metrics. Its errors are those of the Server, and RunLockLost, except in a dry run.
func (f Function) Handle(ctx context.Context, event Event) (run.Result, error) {
	if !event.DryRun {
		if err := f.Lock.Verify(ctx, event.StateMachine, event.Execution); err != nil {
			return run.Result{}, err
		}
	}
	switch {
	case event.Check:
		return run.Result{}, f.check(ctx, event.StateMachine)
	case event.DeleteLeftovers:
		return run.Result{}, f.Server.DeleteLeftovers(ctx, event.DryRun)
	}
	user := event.User
	slog.InfoContext(ctx, "syncing user", "stacks", JoinNames(user.Stacks), "buckets", JoinNames(user.BucketNames()), "retry", event.Retry)
	result, err := f.Server.SyncUser(ctx, event)
	counts := map[string]float64{
		"Retries":       float64(min(event.Retry, 1)),
		f.errorMetric(): countServerErrors(err),
	}
	if err != nil {
		metrics.Log(ctx, "user not synced", event.StateMachine, counts)
		return run.Result{}, err
	}
	metrics.Log(ctx, "user synced", event.StateMachine, counts,
		"outcome", result.Outcome, "reason", result.Reason,
		"buckets", JoinNames(result.Buckets), "added", JoinNames(result.Added), "removed", JoinNames(result.Removed),
		"dryRun", strconv.FormatBool(event.DryRun))
	return result, nil
}

func (f Function) check(ctx context.Context, stateMachine string) error {
	err := f.Server.Check(ctx)
	if err != nil {
		metrics.Log(ctx, f.ServerName+" can't be used", stateMachine, map[string]float64{f.errorMetric(): 1})
	}
	return err
}

func (f Function) errorMetric() string { return f.ServerName + "Errors" }

// JoinNames makes one value of names for a log line: CloudWatch makes a field of each
// element of an array
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html).
func JoinNames(names []string) string { return strings.Join(names, " ") }
