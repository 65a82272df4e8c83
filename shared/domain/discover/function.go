package discover

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// Event is the input of discover-users.
type Event struct {
	// StateMachine and Execution are the names of the workflow and its execution.
	StateMachine string `json:"stateMachine"`
	Execution    string `json:"execution"`
	ExecutionARN string `json:"executionArn"`
	// StartedAt is when the execution started.
	StartedAt time.Time `json:"startedAt"`
	// Input is the execution's input, unparsed, so that Handle can explain an
	// invalid one.
	Input json.RawMessage `json:"input"`
	// Listing is what became of listing the accounts; see parseListing.
	Listing json.RawMessage `json:"listing"`
}

// LogAttrs returns the attributes of every log line.
func (e Event) LogAttrs() []slog.Attr { return []slog.Attr{slog.String("execution", e.Execution)} }

// Executions reads the workflow's executions.
type Executions interface {
	runlock.Executions
	// Running returns the running executions of the state machine that the execution
	// of that ARN is of, without their inputs. Those that have just begun or ended may
	// be missing or listed, because the list is eventually consistent.
	Running(ctx context.Context, arn string) ([]run.Execution, error)
}

// Function is the Lambda function discover-users, the start of a run.
type Function struct {
	Directory  UserDirectory
	Buckets    BucketLister
	Lock       runlock.Store
	Executions Executions
	Runs       Runs
	// RunsBucket is the name of the bucket of Runs.
	RunsBucket string
	// ManagedBucket is the bucket whose TRIGGER starts a run.
	ManagedBucket string
	// MaxConcurrency is how many users the workflow syncs at once.
	MaxConcurrency int
	KeyChanges     KeyChanges
	// MaxLosses is how many people a run may take access from; see losses.Limit.
	MaxLosses *int
}

// Runs reads and writes the runs bucket.
type Runs interface {
	run.Writer
	run.Opener
}

// Handle parses the run's input, acquires the lock, and then reads users and
// buckets, so that no run acts on what it read while another was writing. It adds the
// accounts that nobody claims, and writes the users of the run to the runs bucket and
// returns the run's metadata.
//
// It returns RunInProgress, which the workflow retries, while another run owns the lock, or
// instead Superseded if a newer run does the same; InvalidInput, NotEligible and
// IncompleteReading; TooManyLosses if many people would lose access; Unavailable if
// memberships keep changing after TRIGGER; and errors of what it calls.
func (f Function) Handle(ctx context.Context, event Event) (run.Metadata, error) {
	request, err := run.ParseRequest(event.Input, f.ManagedBucket)
	if err != nil {
		return run.Metadata{}, err
	}
	if err := f.acquireLock(ctx, event, request); err != nil {
		return run.Metadata{}, err
	}
	keyChanges := f.receiveKeyChanges(ctx, request)
	users, err := f.readUsers(ctx, request)
	if err != nil {
		return run.Metadata{}, err
	}
	metadata := run.Metadata{
		StateMachine:   event.StateMachine,
		Execution:      event.Execution,
		StartedAt:      event.StartedAt,
		DryRun:         request.DryRun,
		RefreshKeys:    request.RefreshKeys,
		Username:       request.Username,
		ChangedOnly:    request.ChangedOnly,
		Trigger:        request.Trigger,
		MaxConcurrency: f.MaxConcurrency,
	}
	if request.Username != "" {
		users, err = Select(users, request.Username)
	} else {
		users, err = f.selectUsers(ctx, event, request, users, usernames(keyChanges), &metadata)
	}
	if err != nil {
		return run.Metadata{}, err
	}
	if metadata.NothingChanged = request.ChangedOnly && len(users) == 0; metadata.NothingChanged {
		slog.InfoContext(ctx, "nothing changed")
		f.deleteKeyChanges(ctx, keyChanges)
		return metadata, nil
	}
	metadata.Users, err = f.Runs.Save(ctx, run.UsersKey(event.Execution), users)
	if err != nil {
		return run.Metadata{}, fmt.Errorf("save the users of the run: %w", err)
	}
	f.deleteKeyChanges(ctx, keyChanges)
	slog.InfoContext(ctx, "users discovered", "users", len(users), "username", request.Username,
		"changedOnly", strconv.FormatBool(request.ChangedOnly), "dryRun", strconv.FormatBool(request.DryRun))
	return metadata, nil
}

// acquireLock acquires the lock, or returns RunInProgress or Superseded. A run for those
// who changed doesn't wait: the next one finds what it would have found.
func (f Function) acquireLock(ctx context.Context, event Event, request run.Request) error {
	err := runlock.Acquire(ctx, f.Lock, f.Executions, event.ExecutionARN)
	switch {
	case errkind.Of(err) != errkind.RunInProgress:
		return err
	case request.ChangedOnly:
		return errkind.Errorf(errkind.Superseded, "a run for those who changed does not wait: %w", err)
	}
	return cmp.Or(f.superseded(ctx, event, request), err)
}

// readUsers reads Users; at least twice in a run that a change has just started.
func (f Function) readUsers(ctx context.Context, request run.Request) ([]run.User, error) {
	users, err := Users(ctx, f.Directory, f.Buckets)
	if err != nil || request.Trigger == nil {
		return users, err
	}
	return f.settledUsers(ctx, users)
}
