package main

import (
	"context"
	"sync"
	"time"

	"github.com/digipres/sync-users/shared/domain/run"
)

const (
	// personTime is the most that one person may take, as in the workflow. It
	// is less than runlock.Reserve, so whoever was begun with the turn is done
	// while it lasts.
	personTime = 2 * time.Minute
	// notReached is the error of people who were not begun.
	notReached = "NotReached"
)

// everybody syncs people, several at a time.
type everybody struct {
	sync        func(ctx context.Context, user run.User) (run.Result, error)
	concurrency int
	// before is asked before each person; its error ends the rest.
	before func(ctx context.Context) error
	// done gets each result as it comes, one at a time.
	done func(run.Result)
}

// run gives a result for each user, in their order. When the context ends, or
// before says so, those who were begun are finished, the others are failed
// with the error notReached, and stopped says why.
func (e everybody) run(ctx context.Context, users []run.User) (results []run.Result, stopped error) {
	results = make([]run.Result, len(users))
	places := make(chan struct{}, e.concurrency)
	var group sync.WaitGroup
	var telling sync.Mutex
	for i, user := range users {
		if stopped == nil {
			stopped = e.next(ctx, places)
		}
		if stopped != nil {
			results[i] = unreached(user)
			continue
		}
		group.Go(func() {
			defer func() { <-places }()
			results[i] = e.one(ctx, user)
			telling.Lock()
			defer telling.Unlock()
			e.done(results[i])
		})
	}
	group.Wait()
	return results, stopped
}

// next waits for a place.
func (e everybody) next(ctx context.Context, places chan<- struct{}) error {
	select {
	case places <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return e.before(context.WithoutCancel(ctx))
}

// one syncs a person to the end, whatever becomes of the context meanwhile.
func (e everybody) one(ctx context.Context, user run.User) run.Result {
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), personTime)
	defer cancel()
	result, err := patiently(whole, ctx.Done(), func() (run.Result, error) { return e.sync(whole, user) })
	if err != nil {
		return run.FailedResult(user, err)
	}
	return result
}

func unreached(user run.User) run.Result {
	return run.Result{
		Username: user.Username, Email: user.Email,
		Outcome: run.Failed, Error: notReached, Reason: "it was stopped before this person's turn",
	}
}
