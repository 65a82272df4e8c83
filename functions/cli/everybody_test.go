package main

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
)

// crowd are n users.
func crowd(n int) []run.User {
	users := make([]run.User, n)
	for i := range users {
		users[i] = run.User{Username: fmt.Sprintf("user%d", i)}
	}
	return users
}

func updated(_ context.Context, user run.User) (run.Result, error) {
	return run.Result{Username: user.Username, Outcome: run.Updated}, nil
}

// of is an everybody that does something with each user.
func of(concurrency int, do func(context.Context, run.User) (run.Result, error)) everybody {
	return everybody{
		sync: do, concurrency: concurrency,
		before: func(context.Context) error { return nil }, done: func(run.Result) {},
	}
}

func TestEverybodyInOrder(t *testing.T) {
	t.Parallel()
	results, stopped := of(7, updated).run(t.Context(), crowd(50))
	assert.NoError(t, stopped)
	for i, result := range results {
		assert.Equal(t, fmt.Sprintf("user%d", i), result.Username)
	}
}

func TestEverybodySeveralAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var going, most atomic.Int32
		began := time.Now()
		of(4, func(ctx context.Context, user run.User) (run.Result, error) {
			most.Store(max(most.Load(), going.Add(1)))
			defer going.Add(-1)
			time.Sleep(time.Second)
			return updated(ctx, user)
		}).run(t.Context(), crowd(20))
		assert.Equal(t, int32(4), most.Load())
		assert.Equal(t, 5*time.Second, time.Since(began))
	})
}

// Who was begun is finished, and nobody else is begun.
func TestEverybodyInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		var told []string
		e := of(2, func(ctx context.Context, user run.User) (run.Result, error) {
			time.Sleep(time.Second)
			assert.NoError(t, ctx.Err(), "nobody is left half done")
			return updated(ctx, user)
		})
		e.done = func(r run.Result) { told = append(told, r.Username) }
		results, stopped := e.run(ctx, crowd(6))
		assert.ErrorIs(t, stopped, context.DeadlineExceeded)
		assert.Len(t, told, 4)
		for i, result := range results {
			if i < 4 {
				assert.Equal(t, run.Updated, result.Outcome)
			} else {
				assert.Equal(t, run.Failed, result.Outcome)
				assert.Equal(t, notReached, result.Error)
			}
		}
	})
}

func TestEverybodyEndsWithTheTurn(t *testing.T) {
	t.Parallel()
	lost := errors.New("the turn was lost")
	e := of(1, updated)
	asked := 0
	e.before = func(context.Context) error {
		if asked++; asked > 3 {
			return lost
		}
		return nil
	}
	results, stopped := e.run(t.Context(), crowd(6))
	assert.ErrorIs(t, stopped, lost)
	assert.Equal(t, 3, run.Count(results).Updated)
	assert.Equal(t, 4, asked)
}

func TestEverybodyIsPatient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		tries := map[string]int{}
		results, _ := of(3, func(ctx context.Context, user run.User) (run.Result, error) {
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
			return updated(ctx, user)
		}).run(t.Context(), crowd(4))
		assert.Equal(t, map[string]int{"user0": 3, "user1": attempts, "user2": 1, "user3": 1}, tries)
		assert.Equal(t, run.Totals{Users: 4, Updated: 2, Failed: 2}, run.Count(results))
		assert.Equal(t, "Throttled", results[1].Error)
		assert.Equal(t, "no key; at all", results[2].Reason)
	})
}

// Whoever waits to be tried again is not waited for.
func TestPatienceEndsWithAnInterruption(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		tries := 0
		_, err := patiently(t.Context(), stop, func() (int, error) {
			if tries++; tries == 2 {
				close(stop)
			}
			return 0, errkind.Errorf(errkind.Unavailable, "503")
		})
		assert.Equal(t, errkind.Unavailable, errkind.Of(err))
		assert.Equal(t, 2, tries)
	})
}
