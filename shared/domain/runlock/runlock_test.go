package runlock_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// record is a runlock.Store in memory.
type record struct {
	owner     string
	version   int
	writtenAt time.Time
	// ahead is how much the store's clock is ahead of this machine's.
	ahead time.Duration
	// conflicts is how often another run writes between reading and writing.
	conflicts int
	// repeats is how often a write is repeated because its answer was lost.
	repeats int
}

var _ runlock.Store = (*record)(nil)

func (r *record) now() time.Time { return time.Now().Add(r.ahead).Truncate(time.Second) }

func (r *record) Read(context.Context) (runlock.Record, error) {
	if r.version == 0 {
		return runlock.Record{ReadAt: r.now()}, nil
	}
	return runlock.Record{Owner: r.owner, Version: strconv.Itoa(r.version), WrittenAt: r.writtenAt, ReadAt: r.now()}, nil
}

func (r *record) CompareAndSwap(ctx context.Context, owner, version string) error {
	if r.conflicts > 0 {
		r.conflicts--
		r.version++
	}
	if current, _ := r.Read(ctx); version != current.Version {
		return runlock.ErrConflict
	}
	r.owner, r.version, r.writtenAt = owner, r.version+1, r.now()
	if r.repeats > 0 {
		r.repeats--
		return r.CompareAndSwap(ctx, owner, version)
	}
	return nil
}

// executions are those that Step Functions knows, by ARN.
type executions map[string]run.Execution

var _ runlock.Executions = executions(nil)

func (e executions) Lookup(_ context.Context, arn string) (run.Execution, bool, error) {
	if arn == "unreadable" {
		return run.Execution{}, false, errors.New("no answer")
	}
	execution, found := e[arn]
	return execution, found, nil
}

var known = executions{
	"running":   {Status: run.StatusRunning},
	"redriven":  {Status: run.StatusPendingRedrive},
	"succeeded": {Status: run.StatusSucceeded},
	"ended":     {Status: run.StatusFailed, EndedAt: time.Now()},
}

func TestAcquire(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		give      record
		wantKind  errkind.Kind
		wantOwner string
	}{
		{name: "no owner", wantOwner: "me"},
		{name: "own lock", give: record{owner: "me", version: 3}, wantOwner: "me"},
		{name: "owner has ended", give: record{owner: "ended", version: 3}, wantOwner: "me"},
		{name: "owner has succeeded", give: record{owner: "succeeded", version: 3}, wantOwner: "me"},
		{name: "owner is about to be redriven", give: record{owner: "redriven", version: 3}, wantKind: errkind.RunInProgress, wantOwner: "redriven"},
		{name: "the first write's answer is lost", give: record{repeats: 1}, wantOwner: "me"},
		{name: "a later write's answer is lost", give: record{owner: "ended", version: 3, repeats: 1}, wantOwner: "me"},
		{name: "owner is running", give: record{owner: "running", version: 3}, wantKind: errkind.RunInProgress, wantOwner: "running"},
		{name: "another run acquires it first", give: record{owner: "ended", version: 3, conflicts: 1}, wantKind: errkind.RunInProgress, wantOwner: "ended"},
		{name: "another run acquires it first, without an owner before", give: record{conflicts: 1}, wantKind: errkind.RunInProgress},
		{name: "owner can't be read", give: record{owner: "unreadable", version: 1}, wantKind: errkind.Unexpected, wantOwner: "unreadable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := tt.give
			err := runlock.Acquire(t.Context(), &r, known, "me")
			if tt.wantKind == "" {
				require.NoError(t, err)
			} else {
				require.Error(t, err)
				assert.Equal(t, tt.wantKind, errkind.Of(err))
			}
			assert.Equal(t, tt.wantOwner, r.owner)
		})
	}
}

// Its invocations go on after a run was stopped, so its lock is held until they have
// ended, by the store's clock.
func TestAcquireWaitsForInvocationsOfAStoppedRun(t *testing.T) {
	t.Parallel()
	for _, status := range []run.Status{run.StatusAborted, run.StatusTimedOut} {
		for _, ahead := range []time.Duration{0, 4 * time.Minute, -4 * time.Minute} {
			t.Run(string(status)+" by a clock "+ahead.String()+" ahead", func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r := record{owner: "stopped", version: 1, ahead: ahead}
					stopped := executions{"stopped": {Status: status, EndedAt: r.now()}}
					time.Sleep(runlock.InvocationTimeout - time.Second)
					err := runlock.Acquire(t.Context(), &r, stopped, "me")
					assert.Equal(t, errkind.RunInProgress, errkind.Of(err))
					assert.ErrorContains(t, err, "may still be writing for 1s: stopped")
					time.Sleep(time.Second)
					assert.NoError(t, runlock.Acquire(t.Context(), &r, stopped, "me"))
				})
			})
		}
	}
}

// DescribeExecution may not know an execution that has just acquired the lock.
func TestAcquireWaitsForAnUnknownExecution(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
		t.Run("a clock "+ahead.String()+" ahead", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := record{ahead: ahead}
				require.NoError(t, runlock.Acquire(t.Context(), &r, known, "unknown"))
				time.Sleep(10*time.Minute - time.Second)
				assert.Equal(t, errkind.RunInProgress, errkind.Of(runlock.Acquire(t.Context(), &r, known, "me")))
				time.Sleep(time.Second)
				assert.NoError(t, runlock.Acquire(t.Context(), &r, known, "me"))
			})
		})
	}
}
