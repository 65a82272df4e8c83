package runlock

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// LeaseDuration is how long a Lease lasts from when it was last renewed. It is the
// longest that others wait for a run that ended without giving its turn back.
const LeaseDuration = 5 * time.Minute

// MinRemaining is what Renew leaves of a Lease at the least: what is begun after it
// and takes less is done before anybody else may begin.
const MinRemaining = LeaseDuration / 2

// ErrLost means that somebody else has the turn.
var ErrLost = errors.New("the turn was lost to another run, because it was not renewed in time")

// Lease is the turn of a run that is no execution: held until a time, which
// Renew moves on, and given back with Release. The clocks of those who take
// turns may differ by less than Reserve.
type Lease struct {
	store Store
	name  string
	until time.Time
}

// AcquireLease takes the turn as a Lease for a run of that name, which must differ
// from every other run's. While another run is going on it is RunInProgress.
func AcquireLease(ctx context.Context, store Store, executions Executions, name string) (*Lease, error) {
	holder, version, err := store.Owner(ctx)
	if err != nil {
		return nil, fmt.Errorf("read who has the turn: %w", err)
	}
	if err := checkEnded(ctx, executions, holder); err != nil {
		return nil, err
	}
	lease := &Lease{store: store, name: name, until: time.Now().Add(LeaseDuration)}
	if err := compareAndSwap(ctx, store, lease.record(), version); err != nil {
		return nil, err
	}
	return lease, nil
}

// Renew makes the Lease last a full LeaseTime again once less than Reserve is
// left of it. It is ErrLost when somebody else has the turn; any other error
// leaves the Lease as it was.
func (l *Lease) Renew(ctx context.Context) error {
	if time.Until(l.until) >= MinRemaining {
		return nil
	}
	return l.extend(ctx, time.Now().Add(LeaseDuration))
}

// Release gives the turn back. One that was lost stays with whom it is.
func (l *Lease) Release(ctx context.Context) error {
	err := l.extend(ctx, time.Now())
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}

// extend moves the Lease's end, if the record is still this Lease.
func (l *Lease) extend(ctx context.Context, until time.Time) error {
	holder, version, err := l.store.Owner(ctx)
	if err != nil {
		return fmt.Errorf("read who has the turn: %w", err)
	}
	if name, _, ok := parseLease(holder); !ok || name != l.name {
		return ErrLost
	}
	moved := Lease{store: l.store, name: l.name, until: until}
	switch err := l.store.CompareAndSwap(ctx, moved.record(), version); {
	case errors.Is(err, ErrConflict):
		return ErrLost
	case err != nil:
		return fmt.Errorf("renew the turn: %w", err)
	}
	*l = moved
	return nil
}

// LeaseOwner gives the name of the run that has the turn as a Lease; empty when none
// has.
func LeaseOwner(ctx context.Context, store Store) (name string, err error) {
	holder, _, err := store.Owner(ctx)
	if err != nil {
		return "", fmt.Errorf("read who has the turn: %w", err)
	}
	if name, until, ok := parseLease(holder); ok && time.Now().Before(until) {
		return name, nil
	}
	return "", nil
}

// leasePrefix tells a Lease from an ARN in the record.
const leasePrefix = "lease:"

// record is the Lease in the record: `lease:<name>:<end>`.
func (l *Lease) record() string {
	return leasePrefix + l.name + ":" + l.until.UTC().Format(time.RFC3339)
}

// parseLease reads a Lease's text; false for any other holder.
func parseLease(holder string) (name string, until time.Time, ok bool) {
	text, ok := strings.CutPrefix(holder, leasePrefix)
	if !ok {
		return "", time.Time{}, false
	}
	name, end, _ := strings.Cut(text, ":")
	until, err := time.Parse(time.RFC3339, end)
	return name, until, err == nil
}
