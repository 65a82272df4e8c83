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

// Lease is the lock of a run without an execution. It lasts for LeaseDuration after
// it was acquired or renewed, or until Release.
type Lease struct {
	store Store
	name  string
	// start is before the record was written, by the clock of this machine.
	start time.Time
}

// AcquireLease acquires the lock as a Lease for a run of that name, which must be
// unique. It returns RunInProgress while another run owns the lock.
func AcquireLease(ctx context.Context, store Store, executions Executions, name string) (*Lease, error) {
	lease := &Lease{store: store, name: name, start: time.Now()}
	record, err := read(ctx, store)
	if err != nil {
		return nil, err
	}
	if err := replaceOwner(ctx, store, executions, record, newLeaseRecord(name, record).owner(), InvocationTimeout); err != nil {
		return nil, err
	}
	return lease, nil
}

// Renew extends the Lease to a full LeaseDuration if less than MinRemaining is
// left. It returns ErrLost if another run has the lock. After any other error the
// Lease is as before.
func (l *Lease) Renew(ctx context.Context) error {
	if LeaseDuration-elapsed(l.start) >= MinRemaining {
		return nil
	}
	start := time.Now()
	if err := l.rewrite(ctx, newLeaseRecord); err != nil {
		return err
	}
	l.start = start
	return nil
}

// elapsed returns the time since start: by the monotonic clock, which may stand still
// while the machine sleeps, or by the wall clock if that is more.
func elapsed(start time.Time) time.Duration {
	return max(time.Since(start), time.Since(start.Round(0)))
}

// Release releases the lock, unless another run has it.
func (l *Lease) Release(ctx context.Context) error {
	err := l.rewrite(ctx, func(name string, _ Record) leaseRecord { return leaseRecord{name: name, end: released} })
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}

// rewrite writes the Lease's record anew. It returns ErrLost if the Lease is not the
// lock's owner.
func (l *Lease) rewrite(ctx context.Context, next func(name string, present Record) leaseRecord) error {
	record, err := read(ctx, l.store)
	if err != nil {
		return err
	}
	if lease, ok := parseLease(record.Owner); !ok || lease.name != l.name {
		return ErrLost
	}
	switch err := swap(ctx, l.store, next(l.name, record).owner(), record.Version); {
	case errors.Is(err, ErrConflict):
		return ErrLost
	case err != nil:
		return fmt.Errorf("renew the lease: %w", err)
	}
	return nil
}

// LeaseOwner returns the name of the run that has the lock as a Lease. It returns
// "" if no Lease is valid.
func LeaseOwner(ctx context.Context, store Store) (name string, err error) {
	record, err := read(ctx, store)
	if err != nil {
		return "", err
	}
	if lease, ok := parseLease(record.Owner); ok && lease.remaining(record) > 0 {
		return lease.name, nil
	}
	return "", nil
}

// leaseRecord is a Lease as an owner in the Store.
type leaseRecord struct {
	name string
	// end is when the Lease ends. Earlier versions go by it alone, and write it by
	// the clock of their machine.
	end time.Time
}

// released is the end of a Lease that was released.
var released = time.Unix(0, 0).UTC()

// newLeaseRecord returns a leaseRecord for a full LeaseDuration from now, given the
// present record, whose ReadAt is now by the store's clock.
func newLeaseRecord(name string, present Record) leaseRecord {
	return leaseRecord{name: name, end: present.ReadAt.Add(LeaseDuration)}
}

// remaining returns how long the Lease lasts after its record was read. By the store's
// clock, it lasts for LeaseDuration after the record was written; its end tells only
// whether it was released.
func (l leaseRecord) remaining(record Record) time.Duration {
	if !l.end.After(record.WrittenAt) {
		return 0
	}
	return max(0, LeaseDuration-record.Age())
}

// leasePrefix distinguishes a Lease's record from an ARN.
const leasePrefix = "lease:"

// owner returns the record as the Store keeps it: `lease:<name>:<end>`.
func (l leaseRecord) owner() string {
	return leasePrefix + l.name + ":" + l.end.UTC().Format(time.RFC3339)
}

// parseLease parses a Lease's record; false for any other owner.
func parseLease(owner string) (leaseRecord, bool) {
	text, ok := strings.CutPrefix(owner, leasePrefix)
	if !ok {
		return leaseRecord{}, false
	}
	name, end, _ := strings.Cut(text, ":")
	parsed, err := time.Parse(time.RFC3339, end)
	return leaseRecord{name: name, end: parsed}, err == nil
}
