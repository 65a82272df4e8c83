package command

import (
	"context"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/retry"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

const lockPollInterval = 3 * time.Second

// lock is the lock of the deployed workflow. Without a deployment its lease is nil.
type lock struct{ lease *runlock.Lease }

// acquireLock acquires the lock for a run. While another run has it, it waits up to
// the given time.
func acquireLock(ctx context.Context, c *console.Console, d *connect.Deployment, name string, wait time.Duration) (*lock, error) {
	if d == nil {
		return &lock{}, nil
	}
	noted := false
	lease, err := retry.Do(ctx,
		func() (*runlock.Lease, error) {
			return runlock.AcquireLease(ctx, d.History.Lock, d.Executions, name)
		},
		func(err error) bool { return errkind.Of(err) == errkind.RunInProgress },
		backoff.WithBackOff(backoff.NewConstantBackOff(lockPollInterval)),
		// Whoever waits at all tries once more after the time.
		backoff.WithMaxElapsedTime(wait+lockPollInterval-1),
		backoff.WithNotify(func(err error, _ time.Duration) {
			if !noted {
				c.Note(console.Text("Waiting: " + err.Error()))
			}
			noted = true
		}))
	return &lock{lease}, err
}

// renew renews the lease if too little is left of it to sync one more user.
func (l *lock) renew(ctx context.Context) error {
	if l.lease == nil {
		return nil
	}
	return l.lease.Renew(ctx)
}

// release releases the lock, also after an interruption.
func (l *lock) release(ctx context.Context, c *console.Console) {
	if l.lease == nil {
		return
	}
	if err := l.lease.Release(context.WithoutCancel(ctx)); err != nil {
		c.Note(console.Warning.Text(fmt.Sprintf(
			"The lock could not be released, so the next run waits for up to %v: %v", runlock.LeaseDuration, err)))
	}
}
