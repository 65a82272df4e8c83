// Package runlock is the lock that lets only one run write at a time.
//
// The lock is a record that names its owner. It is written by compare-and-swap,
// so that of two runs only one acquires it. An execution of sync-users never releases
// it: the lock of an execution that has ended is free. A run without an
// execution, such as the command line's, acquires a Lease instead.
//
// Only the store's clock decides how old a record is, so the clocks of the machines
// that runs are on may be wrong.
package runlock

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

const (
	// InvocationTimeout is how long an invocation of sync-user may take: the timeout
	// of its state, which is longer than the function's own.
	InvocationTimeout = 150 * time.Second
	// unknownPeriod is how long an execution may be running while Step Functions
	// doesn't know it, because DescribeExecution is eventually consistent
	// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html).
	unknownPeriod = 10 * time.Minute
)

// ErrConflict means that another run changed the lock between reading and writing.
var ErrConflict = errors.New("the lock was changed by another run")

// Record is the record of the lock.
type Record struct {
	// Owner is an execution's ARN or a Lease's record. Owner and Version are empty
	// if there is no record.
	Owner, Version string
	// WrittenAt and ReadAt are when the record was written and read, by the store's
	// clock. They may be of whole seconds.
	WrittenAt, ReadAt time.Time
}

// Age returns how old the record was when it was read.
func (r Record) Age() time.Duration { return r.ReadAt.Sub(r.WrittenAt) }

// Store keeps the lock's record. Reads after writes must be strongly consistent.
type Store interface {
	// Read reads the record.
	Read(ctx context.Context) (Record, error)
	// CompareAndSwap records an owner if the version of the record is the given
	// one. Otherwise it returns ErrConflict. It may also do so after it recorded
	// the owner, if it repeated the write because the answer was lost.
	CompareAndSwap(ctx context.Context, owner, version string) error
}

// Executions reads the workflow's executions.
type Executions interface {
	// Lookup returns the execution of that ARN; found is false if there is none, or
	// none that is known yet.
	Lookup(ctx context.Context, arn string) (execution run.Execution, found bool, err error)
}

// Acquire acquires the lock for an execution, by its ARN. It returns
// RunInProgress while another run owns the lock. An execution that owns the lock
// already, such as that of a retry, acquires it again.
func Acquire(ctx context.Context, store Store, executions Executions, execution string) error {
	return AcquireAfter(ctx, store, executions, execution, InvocationTimeout)
}

// AcquireAfter is Acquire where an invocation may take that long. StopExecution and a
// timeout end an execution, but not the invocations that it has begun, so that the lock
// of a run that was stopped is held for as long.
func AcquireAfter(ctx context.Context, store Store, executions Executions, execution string, invocation time.Duration) error {
	record, err := read(ctx, store)
	if err != nil || record.Owner == execution {
		return err
	}
	return replaceOwner(ctx, store, executions, record, execution, invocation)
}

// Release releases the lock of an execution before its end, unless another run has it.
// What reads after it sees all that was written before another run found the lock taken.
func Release(ctx context.Context, store Store, execution string) error {
	record, err := read(ctx, store)
	if err != nil || record.Owner != execution {
		return err
	}
	if err := store.CompareAndSwap(ctx, "", record.Version); err != nil && !errors.Is(err, ErrConflict) {
		return fmt.Errorf("release the lock: %w", err)
	}
	return nil
}

// Holder returns the lock's owner if it is an execution that has not ended, so that it will
// release the lock; "" otherwise.
func Holder(ctx context.Context, store Store, executions Executions) (string, error) {
	record, err := read(ctx, store)
	if err != nil || record.Owner == "" {
		return "", err
	}
	execution, found, err := executions.Lookup(ctx, record.Owner)
	if err != nil || !found || execution.Ended() {
		return "", err
	}
	return record.Owner, nil
}

func read(ctx context.Context, store Store) (Record, error) {
	record, err := store.Read(ctx)
	if err != nil {
		return Record{}, fmt.Errorf("read the owner of the lock: %w", err)
	}
	return record, nil
}

// replaceOwner records the next owner. It returns RunInProgress if the run of the
// present owner has not ended, or another run records itself first.
func replaceOwner(ctx context.Context, store Store, executions Executions, record Record, next string, invocation time.Duration) error {
	if err := checkEnded(ctx, executions, record, invocation); err != nil {
		return err
	}
	switch err := swap(ctx, store, next, record.Version); {
	case errors.Is(err, ErrConflict):
		return errkind.Errorf(errkind.RunInProgress, "another run is starting at the same time: %w", err)
	case err != nil:
		return fmt.Errorf("acquire the lock: %w", err)
	}
	return nil
}

// swap records the next owner. It returns ErrConflict if another run changed the
// lock. No two runs have the same owner, so a conflict with the record that is to be
// written is one with its own repetition.
func swap(ctx context.Context, store Store, next, version string) error {
	err := store.CompareAndSwap(ctx, next, version)
	if !errors.Is(err, ErrConflict) {
		return err
	}
	record, readErr := read(ctx, store)
	if readErr != nil {
		return readErr
	}
	if record.Owner == next {
		return nil
	}
	return err
}

// checkEnded returns RunInProgress if the run of the record's owner has not ended, or
// may still be writing.
func checkEnded(ctx context.Context, executions Executions, record Record, invocation time.Duration) error {
	if record.Owner == "" {
		return nil
	}
	if lease, ok := parseLease(record.Owner); ok {
		if remaining := lease.remaining(record); remaining > 0 {
			return errkind.Errorf(errkind.RunInProgress,
				"an earlier run is in progress: %s, whose lease ends in %v unless it is released or renewed before", lease.name, remaining)
		}
		return nil
	}
	execution, found, err := executions.Lookup(ctx, record.Owner)
	switch {
	case err != nil:
		return fmt.Errorf("check whether %s is running: %w", record.Owner, err)
	case !found && record.Age() < unknownPeriod:
		return errkind.Errorf(errkind.RunInProgress,
			"an earlier run may be in progress: %s, which Step Functions does not know yet; it counts as ended %v after it acquired the lock",
			record.Owner, unknownPeriod)
	case !found:
		return nil
	case !execution.Ended():
		return errkind.Errorf(errkind.RunInProgress, "an earlier run is in progress: %s", record.Owner)
	}
	if remaining := execution.EndedAt.Add(invocation).Sub(record.ReadAt); execution.WasStopped() && remaining > 0 {
		return errkind.Errorf(errkind.RunInProgress,
			"an earlier run was stopped, and may still be writing for %v: %s", remaining.Round(time.Second), record.Owner)
	}
	return nil
}
