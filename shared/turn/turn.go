// Package turn lets runs follow one another, one at a time.
//
// The turn is a record that names the execution which holds it. It is written
// only if it still is as it was read, so that of two runs one gets it, and it
// is never given back: an execution that has ended holds nothing, however it
// ended.
package turn

import (
	"context"
	"errors"
	"fmt"

	"github.com/digipres/sync-users/shared/remedy"
)

// ErrMoved means that somebody else wrote the record first.
var ErrMoved = errors.New("the turn was taken by another run")

// Store keeps the record. Reading after writing must be strongly consistent.
type Store interface {
	// Holder gives the execution on record and the record's version; both
	// empty when there is no record.
	Holder(ctx context.Context) (execution, version string, err error)
	// Hold puts an execution on record if the version is still that one, else
	// ErrMoved.
	Hold(ctx context.Context, execution, version string) error
}

// Executions tells whether an execution is going on. One that is not known
// any more is not.
type Executions interface {
	Running(ctx context.Context, execution string) (bool, error)
}

// Take takes the turn for an execution, by its ARN. While another one is going
// on it is RunInProgress, which time mends. Taking one's own turn again, as a
// retry does, succeeds.
func Take(ctx context.Context, store Store, executions Executions, execution string) error {
	holder, version, err := store.Holder(ctx)
	if err != nil {
		return fmt.Errorf("read who has the turn: %w", err)
	}
	if holder == execution {
		return nil
	}
	if holder != "" {
		running, err := executions.Running(ctx, holder)
		if err != nil {
			return fmt.Errorf("ask whether %s is going on: %w", holder, err)
		}
		if running {
			return remedy.Errorf(remedy.RunInProgress, "an earlier run is going: %s", holder)
		}
	}
	switch err := store.Hold(ctx, execution, version); {
	case errors.Is(err, ErrMoved):
		return remedy.Errorf(remedy.RunInProgress, "another run starts at this moment: %w", err)
	case err != nil:
		return fmt.Errorf("take the turn: %w", err)
	}
	return nil
}
