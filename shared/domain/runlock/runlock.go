// Package runlock is the lock that lets only one run write at a time.
//
// The lock is a record that names its owner. It is written by compare-and-swap,
// so that of two runs only one acquires it. A workflow's execution never releases
// it: the lock of an execution that has ended is free. A run without an
// execution, such as the command line's, acquires a Lease instead.
package runlock

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// ErrConflict means that another run changed the lock between reading and writing.
var ErrConflict = errors.New("the lock was changed by another run")

// Store keeps the lock's record. Reads after writes must be strongly consistent.
type Store interface {
	// Owner returns the recorded owner, an execution's ARN or a Lease's record,
	// and the version of the record; both are empty if there is no record.
	Owner(ctx context.Context) (owner, version string, err error)
	// CompareAndSwap records an owner if the version of the record is the given
	// one. Otherwise it returns ErrConflict.
	CompareAndSwap(ctx context.Context, owner, version string) error
}

// Executions reads the states of the workflow's executions.
type Executions interface {
	// Running reports whether an execution is running. An unknown one is not.
	Running(ctx context.Context, execution string) (bool, error)
}

// Acquire acquires the lock for an execution, by its ARN. It returns
// RunInProgress while another run owns the lock. An execution that owns the lock
// already, such as that of a retry, acquires it again.
func Acquire(ctx context.Context, store Store, executions Executions, execution string) error {
	owner, version, err := readOwner(ctx, store)
	if err != nil || owner == execution {
		return err
	}
	return replaceOwner(ctx, store, executions, owner, version, execution)
}

func readOwner(ctx context.Context, store Store) (owner, version string, err error) {
	owner, version, err = store.Owner(ctx)
	if err != nil {
		err = fmt.Errorf("read the owner of the lock: %w", err)
	}
	return owner, version, err
}

// replaceOwner records the next owner. It returns RunInProgress if the run of the
// present owner has not ended, or another run records itself first.
func replaceOwner(ctx context.Context, store Store, executions Executions, owner, version, next string) error {
	if err := checkEnded(ctx, executions, owner); err != nil {
		return err
	}
	switch err := store.CompareAndSwap(ctx, next, version); {
	case errors.Is(err, ErrConflict):
		return errkind.Errorf(errkind.RunInProgress, "another run is starting at the same time: %w", err)
	case err != nil:
		return fmt.Errorf("acquire the lock: %w", err)
	}
	return nil
}

// checkEnded returns RunInProgress if the run of the owner has not ended.
func checkEnded(ctx context.Context, executions Executions, owner string) error {
	if owner == "" {
		return nil
	}
	if name, until, ok := parseLease(owner); ok {
		if time.Now().Before(until) {
			return errkind.Errorf(errkind.RunInProgress,
				"an earlier run is in progress: %s, whose lease ends at %s unless it is released or renewed before",
				name, until.Format(time.RFC3339))
		}
		return nil
	}
	running, err := executions.Running(ctx, owner)
	if err != nil {
		return fmt.Errorf("check whether %s is running: %w", owner, err)
	}
	if running {
		return errkind.Errorf(errkind.RunInProgress, "an earlier run is in progress: %s", owner)
	}
	return nil
}
