// Package turn lets runs follow one another, one at a time.
//
// The turn is a record that names the execution which holds it. It is written
// only if it still is as it was read, so that of two runs one gets it, and it
// is never given back: an execution that has ended holds nothing, however it
// ended. A run without an execution, such as the command line's, holds the turn
// as a Lease instead.
package runlock

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// ErrConflict means that somebody else wrote the record first.
var ErrConflict = errors.New("the turn was taken by another run")

// Store keeps the record. Reading after writing must be strongly consistent.
type Store interface {
	// Owner gives the holder on record, an execution's ARN or a Lease's text,
	// and the record's version; both empty when there is no record.
	Owner(ctx context.Context) (holder, version string, err error)
	// CompareAndSwap puts a holder on record if the version is still that one, else
	// ErrMoved.
	CompareAndSwap(ctx context.Context, holder, version string) error
}

// Executions tells whether an execution is going on. One that is not known
// any more is not.
type Executions interface {
	Running(ctx context.Context, execution string) (bool, error)
}

// Acquire takes the turn for an execution, by its ARN. While another run is going
// on it is RunInProgress, which time mends. Taking one's own turn again, as a
// retry does, succeeds.
func Acquire(ctx context.Context, store Store, executions Executions, execution string) error {
	holder, version, err := store.Owner(ctx)
	if err != nil {
		return fmt.Errorf("read who has the turn: %w", err)
	}
	if holder == execution {
		return nil
	}
	if err := checkEnded(ctx, executions, holder); err != nil {
		return err
	}
	return compareAndSwap(ctx, store, execution, version)
}

// checkEnded is RunInProgress unless the holder's run has come to its end.
func checkEnded(ctx context.Context, executions Executions, holder string) error {
	if holder == "" {
		return nil
	}
	if name, until, ok := parseLease(holder); ok {
		if time.Now().Before(until) {
			return errkind.Errorf(errkind.RunInProgress,
				"an earlier run is going: %s, which has the turn until %s unless it ends before or needs more",
				name, until.Format(time.RFC3339))
		}
		return nil
	}
	running, err := executions.Running(ctx, holder)
	if err != nil {
		return fmt.Errorf("ask whether %s is going on: %w", holder, err)
	}
	if running {
		return errkind.Errorf(errkind.RunInProgress, "an earlier run is going: %s", holder)
	}
	return nil
}

func compareAndSwap(ctx context.Context, store Store, holder, version string) error {
	switch err := store.CompareAndSwap(ctx, holder, version); {
	case errors.Is(err, ErrConflict):
		return errkind.Errorf(errkind.RunInProgress, "another run starts at this moment: %w", err)
	case err != nil:
		return fmt.Errorf("take the turn: %w", err)
	}
	return nil
}
