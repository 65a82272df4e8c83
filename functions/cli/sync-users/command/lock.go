package command

import (
	"context"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/retry"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

const lockPollInterval = 3 * time.Second

// acquireLock acquires the lock of the deployed workflow for a run of that name.
// While another run has it, it waits up to the given time.
func acquireLock(ctx context.Context, c *console.Console, d *connect.Deployment, name string, wait time.Duration) (*runlock.Lease, error) {
	noted := false
	lease, err := retry.Do(ctx,
		func() (*runlock.Lease, error) { return runlock.AcquireLease(ctx, d.History.Lock, d.Executions, name) },
		func(err error) bool { return errkind.Of(err) == errkind.RunInProgress },
		backoff.WithBackOff(backoff.NewConstantBackOff(lockPollInterval)),
		// The last try may come after the time; if it is 0, there is only one try.
		backoff.WithMaxElapsedTime(wait+lockPollInterval-1),
		backoff.WithNotify(func(err error, _ time.Duration) {
			if !noted {
				c.Note(console.Text("Waiting: " + err.Error()))
			}
			noted = true
		}))
	if errkind.Of(err) == errkind.RunInProgress {
		return nil, err
	}
	return lease, program.Unfinished(err, fmt.Sprintf(
		" while the lock was being acquired. No account was changed; if the run has the lock, the next one waits for up to %v.", runlock.LeaseDuration))
}

// releaseLock releases the lock, also after an interruption.
func releaseLock(ctx context.Context, c *console.Console, lease *runlock.Lease) {
	if err := lease.Release(context.WithoutCancel(ctx)); err != nil {
		c.Note(console.Warning.Text(fmt.Sprintf(
			"The lock could not be released, so the next run waits for up to %v: %v", runlock.LeaseDuration, err)))
	}
}
