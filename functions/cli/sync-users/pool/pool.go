// Package pool syncs many users, several at a time.
package pool

import (
	"context"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/functions/cli/retry"
	"github.com/digipres/sync-users/shared/domain/run"
)

const (
	// UserTimeout is the most time that one user may take, as in the workflow.
	UserTimeout = 2 * time.Minute
	// NotReached is the error of a user who was not started.
	NotReached = "NotReached"
)

// Pool syncs users.
type Pool struct {
	Sync        func(ctx context.Context, user run.User) (run.Result, error)
	Concurrency int
	// BeforeEach, unless nil, is called before each user; its error stops the pool.
	BeforeEach func(ctx context.Context) error
	// OnResult is called with each result, one at a time.
	OnResult func(run.Result)
}

// Run returns a result for each user, in their order. When the context ends or
// BeforeEach returns an error, it finishes the users that it has started, fails
// the others with the error NotReached, and returns why it stopped.
func (p Pool) Run(ctx context.Context, users []run.User) (results []run.Result, stopped error) {
	results = make([]run.Result, len(users))
	var mu sync.Mutex
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(p.Concurrency)
	for i, user := range users {
		group.Go(func() error {
			mu.Lock()
			err := p.checkStart(groupCtx)
			mu.Unlock()
			if err != nil {
				results[i] = run.Result{
					Username: user.Username, Email: user.Email,
					Outcome: run.Failed, Error: NotReached, Reason: "the sync was stopped before this user",
				}
				return err
			}
			results[i] = p.syncUser(ctx, user)
			mu.Lock()
			defer mu.Unlock()
			p.OnResult(results[i])
			return nil
		})
	}
	return results, group.Wait()
}

func (p Pool) checkStart(ctx context.Context) error {
	if ctx.Err() != nil || p.BeforeEach == nil {
		return context.Cause(ctx)
	}
	return p.BeforeEach(context.WithoutCancel(ctx))
}

// syncUser syncs a user with the retries of the workflow. When the context ends, it
// finishes the current try but does not wait for another.
func (p Pool) syncUser(ctx context.Context, user run.User) run.Result {
	userCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), UserTimeout)
	defer cancel()
	result, err := retry.Transient(ctx,
		func() (run.Result, error) { return p.Sync(userCtx, user) },
		backoff.WithMaxElapsedTime(UserTimeout))
	if err != nil {
		return run.FailedResult(user, err)
	}
	return result
}
