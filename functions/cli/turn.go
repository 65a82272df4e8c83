package main

import (
	"context"
	"fmt"
	"time"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// askAgain is how long a sync waits before it asks again for the turn.
const askAgain = 3 * time.Second

// held is the turn while a sync works; empty where no stack is deployed.
type held struct{ lease *runlock.Lease }

// takeTurn takes the turn of the deployed workflow for a run of that name,
// waiting for it up to a time.
func (a *app) takeTurn(ctx context.Context, d *deployment, name string, wait time.Duration) (*held, error) {
	if d == nil {
		return &held{}, nil
	}
	until := time.Now().Add(wait)
	for told := false; ; told = true {
		lease, err := runlock.AcquireLease(ctx, d.turns, d.executions, name)
		if err == nil {
			return &held{lease}, nil
		}
		if errkind.Of(err) != errkind.RunInProgress || !time.Now().Before(until) {
			return nil, err
		}
		if !told {
			a.console.Note(console.Say("Waiting: " + err.Error()))
		}
		select {
		case <-time.After(askAgain):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// renew keeps the turn for long enough to do one more person.
func (h *held) renew(ctx context.Context) error {
	if h.lease == nil {
		return nil
	}
	return h.lease.Renew(ctx)
}

// giveBack lets others have the turn, also after an interruption.
func (h *held) giveBack(ctx context.Context, c *console.Console) {
	if h.lease == nil {
		return
	}
	if err := h.lease.Release(context.WithoutCancel(ctx)); err != nil {
		c.Note(console.Text{Tone: console.Notable, Text: fmt.Sprintf(
			"The turn could not be given back, so the next run waits for up to %v: %v", runlock.LeaseDuration, err)})
	}
}
