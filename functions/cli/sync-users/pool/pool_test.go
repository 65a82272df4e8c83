package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

func makeUsers(n int) []run.User {
	users := make([]run.User, n)
	for i := range users {
		users[i] = run.User{Username: fmt.Sprintf("user%d", i)}
	}
	return users
}

func update(_ context.Context, user run.User) (run.Result, error) {
	return run.Result{Username: user.Username, Outcome: run.Updated}, nil
}

func newPool(concurrency int, sync func(context.Context, run.User) (run.Result, error)) Pool {
	return Pool{Sync: sync, Concurrency: concurrency, OnResult: func(run.Result) {}}
}

// A user who is started with the lock is finished before it can expire.
func TestUserTimeoutIsWithinTheLease(t *testing.T) {
	t.Parallel()
	assert.Less(t, UserTimeout, runlock.MinRemaining)
}

func TestResultsAreInOrder(t *testing.T) {
	t.Parallel()
	results, stopped := newPool(7, update).Run(t.Context(), makeUsers(50))
	assert.NoError(t, stopped)
	for i, result := range results {
		assert.Equal(t, fmt.Sprintf("user%d", i), result.Username)
	}
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		started := time.Now()
		newPool(4, func(ctx context.Context, user run.User) (run.Result, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			time.Sleep(time.Second)
			return update(ctx, user)
		}).Run(t.Context(), makeUsers(20))
		assert.Equal(t, int32(4), most.Load())
		assert.Equal(t, 5*time.Second, time.Since(started))
	})
}

// Users who were started are finished, and no other is started.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		var finished []string
		p := newPool(2, func(ctx context.Context, user run.User) (run.Result, error) {
			time.Sleep(time.Second)
			assert.NoError(t, ctx.Err(), "a started user is finished")
			return update(ctx, user)
		})
		p.OnResult = func(r run.Result) { finished = append(finished, r.Username) }
		results, stopped := p.Run(ctx, makeUsers(6))
		assert.ErrorIs(t, stopped, context.DeadlineExceeded)
		assert.Len(t, finished, 4)
		for i, result := range results {
			if i < 4 {
				assert.Equal(t, run.Updated, result.Outcome)
			} else {
				assert.Equal(t, run.Failed, result.Outcome)
				assert.Equal(t, NotReached, result.Error)
			}
		}
	})
}

func TestStoppedByBeforeEach(t *testing.T) {
	t.Parallel()
	lost := errors.New("the lock was lost")
	p := newPool(1, update)
	calls := 0
	p.BeforeEach = func(context.Context) error {
		if calls++; calls > 3 {
			return lost
		}
		return nil
	}
	results, stopped := p.Run(t.Context(), makeUsers(6))
	assert.ErrorIs(t, stopped, lost)
	assert.Equal(t, 3, run.Count(results).Updated)
	assert.Equal(t, 4, calls)
}

func TestRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		tries := map[string]int{}
		results, _ := newPool(3, func(ctx context.Context, user run.User) (run.Result, error) {
			mu.Lock()
			defer mu.Unlock()
			tries[user.Username]++
			switch {
			case user.Username == "user0" && tries["user0"] < 3:
				return run.Result{}, errkind.Errorf(errkind.Unavailable, "503")
			case user.Username == "user1":
				return run.Result{}, errkind.Errorf(errkind.Throttled, "429")
			case user.Username == "user2":
				return run.Result{}, errkind.Errorf(errkind.KeysMissing, "no key\nat all")
			}
			return update(ctx, user)
		}).Run(t.Context(), makeUsers(4))
		assert.Equal(t, map[string]int{"user0": 3, "user1": 5, "user2": 1, "user3": 1}, tries)
		assert.Equal(t, run.Totals{Users: 4, Updated: 2, Failed: 2}, run.Count(results))
		assert.Equal(t, "Throttled", results[1].Error)
		assert.Equal(t, "no key; at all", results[2].Reason)
	})
}

// A user who waits for a retry is not waited for.
func TestInterruptedRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		tries := 0
		results, _ := newPool(1, func(context.Context, run.User) (run.Result, error) {
			if tries++; tries == 2 {
				interrupt()
			}
			return run.Result{}, errkind.Errorf(errkind.Unavailable, "503")
		}).Run(ctx, makeUsers(1))
		assert.Equal(t, "Unavailable", results[0].Error)
		assert.Equal(t, 2, tries)
	})
}
