package runlock

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// LeaseDuration is how long a Lease lasts after it was acquired or renewed. It is
// also the longest that other runs wait for one that ended without Release.
const LeaseDuration = 5 * time.Minute

// MinRemaining is the time that a Lease lasts at least after Renew. Work that
// begins after Renew and takes less time ends before another run may begin.
const MinRemaining = LeaseDuration / 2

// ErrLost means that another run has the lock.
var ErrLost = errors.New("the lock was lost to another run, because it was not renewed in time")

// Lease is the lock of a run without an execution. It lasts until a time that
// Renew extends, or until Release. The clocks of the runs may differ by less
// than MinRemaining.
type Lease struct {
	store Store
	name  string
	until time.Time
}

// AcquireLease acquires the lock as a Lease for a run of that name, which must be
// unique. It returns RunInProgress while another run owns the lock.
func AcquireLease(ctx context.Context, store Store, executions Executions, name string) (*Lease, error) {
	owner, version, err := readOwner(ctx, store)
	if err != nil {
		return nil, err
	}
	lease := &Lease{store: store, name: name, until: time.Now().Add(LeaseDuration)}
	if err := replaceOwner(ctx, store, executions, owner, version, lease.record()); err != nil {
		return nil, err
	}
	return lease, nil
}

// Renew extends the Lease to a full LeaseDuration if less than MinRemaining is
// left. It returns ErrLost if another run has the lock. After any other error the
// Lease is as before.
func (l *Lease) Renew(ctx context.Context) error {
	if time.Until(l.until) >= MinRemaining {
		return nil
	}
	return l.setEnd(ctx, time.Now().Add(LeaseDuration))
}

// Release releases the lock, unless another run has it.
func (l *Lease) Release(ctx context.Context) error {
	err := l.setEnd(ctx, time.Now())
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}

// setEnd records another end of the Lease. It returns ErrLost if the Lease is not
// the lock's owner.
func (l *Lease) setEnd(ctx context.Context, until time.Time) error {
	owner, version, err := readOwner(ctx, l.store)
	if err != nil {
		return err
	}
	if name, _, ok := parseLease(owner); !ok || name != l.name {
		return ErrLost
	}
	next := Lease{store: l.store, name: l.name, until: until}
	switch err := l.store.CompareAndSwap(ctx, next.record(), version); {
	case errors.Is(err, ErrConflict):
		return ErrLost
	case err != nil:
		return fmt.Errorf("renew the lease: %w", err)
	}
	*l = next
	return nil
}

// LeaseOwner returns the name of the run that has the lock as a Lease. It returns
// "" if no Lease is valid.
func LeaseOwner(ctx context.Context, store Store) (name string, err error) {
	owner, _, err := readOwner(ctx, store)
	if err != nil {
		return "", err
	}
	if name, until, ok := parseLease(owner); ok && time.Now().Before(until) {
		return name, nil
	}
	return "", nil
}

// leasePrefix distinguishes a Lease's record from an ARN.
const leasePrefix = "lease:"

// record returns the Lease as an owner in the Store: `lease:<name>:<end>`.
func (l *Lease) record() string {
	return leasePrefix + l.name + ":" + l.until.UTC().Format(time.RFC3339)
}

// parseLease parses a Lease's record; false for any other owner.
func parseLease(owner string) (name string, until time.Time, ok bool) {
	text, ok := strings.CutPrefix(owner, leasePrefix)
	if !ok {
		return "", time.Time{}, false
	}
	name, end, _ := strings.Cut(text, ":")
	until, err := time.Parse(time.RFC3339, end)
	return name, until, err == nil
}
