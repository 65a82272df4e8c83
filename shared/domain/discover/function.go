package discover

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// Event is what the workflow hands to discover-users.
type Event struct {
	// StateMachine, Execution and ExecutionARN name the workflow and its
	// execution.
	StateMachine string `json:"stateMachine"`
	Execution    string `json:"execution"`
	ExecutionARN string `json:"executionArn"`
	// StartedAt is when the execution started.
	StartedAt time.Time `json:"startedAt"`
	// Input is the execution's input as it came, so that a wrong one can be
	// explained.
	Input json.RawMessage `json:"input"`
}

// LogAttrs are what every log line carries.
func (e Event) LogAttrs() []slog.Attr { return []slog.Attr{slog.String("execution", e.Execution)} }

// Function is discover-users: the start of a run.
type Function struct {
	Directory  UserDirectory
	Buckets    BucketLister
	Lock       runlock.Store
	Executions runlock.Executions
	Runs       run.Writer
	// ManagedBucket is the only one whose TRIGGER starts a run.
	ManagedBucket string
	// MaxConcurrency is how many users the workflow syncs at once.
	MaxConcurrency int
}

// Handle reads the request, waits for its turn by failing with RunInProgress,
// which the workflow retries, and only then reads memberships: so no run acts
// on what it read while another was writing. It writes the users of the run
// to the runs bucket and returns where they stand.
//
// Besides the kinds of what it reads, errors are InvalidInput, NotEligible
// and IncompleteReading.
func (f Function) Handle(ctx context.Context, event Event) (run.Metadata, error) {
	request, err := run.ParseRequest(event.Input, f.ManagedBucket)
	if err != nil {
		return run.Metadata{}, err
	}
	if err := runlock.Acquire(ctx, f.Lock, f.Executions, event.ExecutionARN); err != nil {
		return run.Metadata{}, err
	}
	users, err := Users(ctx, f.Directory, f.Buckets)
	if err != nil {
		return run.Metadata{}, err
	}
	if request.Username != "" {
		if users, err = Select(users, request.Username); err != nil {
			return run.Metadata{}, err
		}
	}
	object, err := f.Runs.Save(ctx, run.UsersKey(event.Execution), users)
	if err != nil {
		return run.Metadata{}, fmt.Errorf("save the users of the run: %w", err)
	}
	slog.InfoContext(ctx, "users discovered", "users", len(users), "username", request.Username, "dryRun", strconv.FormatBool(request.DryRun))
	return run.Metadata{
		StateMachine:   event.StateMachine,
		Execution:      event.Execution,
		StartedAt:      event.StartedAt,
		DryRun:         request.DryRun,
		Username:       request.Username,
		Trigger:        request.Trigger,
		Users:          object,
		MaxConcurrency: f.MaxConcurrency,
	}, nil
}
