package runlock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

func TestAcquireLease(t *testing.T) {
	t.Parallel()
	past, future := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	tests := []struct {
		name     string
		give     record
		wantKind errkind.Kind
	}{
		{name: "no owner"},
		{name: "owner has ended", give: record{owner: "ended", version: 3}},
		{name: "owner is running", give: record{owner: "running", version: 3}, wantKind: errkind.RunInProgress},
		{name: "another lease is valid", give: record{owner: "lease:other:" + future, version: 3, writtenAt: time.Now()}, wantKind: errkind.RunInProgress},
		{name: "another lease has expired", give: record{owner: "lease:other:" + future, version: 3, writtenAt: time.Now().Add(-time.Hour)}},
		{name: "another lease was released", give: record{owner: "lease:other:" + past, version: 3, writtenAt: time.Now()}},
		{name: "the first write's answer is lost", give: record{repeats: 1}},
		{name: "a later write's answer is lost", give: record{owner: "ended", version: 3, repeats: 1}},
		{name: "another run acquires it first", give: record{owner: "ended", version: 3, conflicts: 1}, wantKind: errkind.RunInProgress},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := tt.give
			_, err := runlock.AcquireLease(t.Context(), &r, known, "mine")
			if tt.wantKind == "" {
				require.NoError(t, err)
				assert.Contains(t, r.owner, "lease:mine:")
				return
			}
			assert.Equal(t, tt.wantKind, errkind.Of(err))
			assert.Equal(t, tt.give.owner, r.owner)
		})
	}
}

// An execution waits until a lease is released or expires.
func TestAcquireWaitsForLease(t *testing.T) {
	t.Parallel()
	acquire := func(t *testing.T, r *record) error { return runlock.Acquire(t.Context(), r, known, "execution") }
	t.Run("released", func(t *testing.T) {
		t.Parallel()
		var r record
		lease, err := runlock.AcquireLease(t.Context(), &r, known, "mine")
		require.NoError(t, err)
		assert.ErrorContains(t, acquire(t, &r), "an earlier run is in progress: mine")
		require.NoError(t, lease.Release(t.Context()))
		assert.NoError(t, acquire(t, &r))
	})
	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var r record
			_, err := runlock.AcquireLease(t.Context(), &r, known, "mine")
			require.NoError(t, err)
			time.Sleep(runlock.LeaseDuration - time.Second)
			err = acquire(t, &r)
			assert.Equal(t, errkind.RunInProgress, errkind.Of(err))
			assert.ErrorContains(t, err, "mine, whose lease ends in 1s")
			time.Sleep(time.Second)
			assert.NoError(t, acquire(t, &r))
		})
	})
}

// A lease lasts for MinRemaining at least after Renew.
func TestRenewExtendsLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r record
		lease, err := runlock.AcquireLease(t.Context(), &r, known, "mine")
		require.NoError(t, err)
		for range 20 {
			require.NoError(t, lease.Renew(t.Context()))
			time.Sleep(runlock.MinRemaining - time.Second)
			assert.Error(t, runlock.Acquire(t.Context(), &r, known, "execution"))
		}
		assert.Less(t, r.version, 21, "it is written only if necessary")
	})
}

func TestRenewReturnsErrLostAfterExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r record
		lease, err := runlock.AcquireLease(t.Context(), &r, known, "mine")
		require.NoError(t, err)
		time.Sleep(runlock.LeaseDuration)
		require.NoError(t, runlock.Acquire(t.Context(), &r, known, "execution"))
		assert.ErrorIs(t, lease.Renew(t.Context()), runlock.ErrLost)
		assert.NoError(t, lease.Release(t.Context()))
		assert.Equal(t, "execution", r.owner)
	})
}

func TestRenewReturnsErrLostOnConflict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r record
		lease, err := runlock.AcquireLease(t.Context(), &r, known, "mine")
		require.NoError(t, err)
		time.Sleep(runlock.LeaseDuration)
		r.conflicts = 1
		assert.ErrorIs(t, lease.Renew(t.Context()), runlock.ErrLost)
	})
}

// The store repeats a write whose answer was lost, and finds its own.
func TestLostAnswersLoseNoLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := record{repeats: 1}
		lease, err := runlock.AcquireLease(t.Context(), &r, known, "mine")
		require.NoError(t, err)
		for range 3 {
			time.Sleep(runlock.MinRemaining + time.Second)
			r.repeats = 1
			require.NoError(t, lease.Renew(t.Context()))
		}
		r.repeats = 1
		require.NoError(t, lease.Release(t.Context()))
		assert.NoError(t, runlock.Acquire(t.Context(), &r, known, "execution"))
	})
}

// Only the store's clock counts: a lease overlaps with no other run, and holds none up
// after its end, however wrong the clock of its machine is.
func TestLeaseLastsByTheClockOfTheStore(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{4 * time.Minute, -4 * time.Minute, 24 * time.Hour, -24 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := record{ahead: ahead}
				lease, err := runlock.AcquireLease(t.Context(), &r, known, "mine")
				require.NoError(t, err)
				for range 3 {
					time.Sleep(runlock.MinRemaining + time.Second)
					require.NoError(t, lease.Renew(t.Context()))
				}
				time.Sleep(runlock.LeaseDuration - time.Second)
				assert.Error(t, runlock.Acquire(t.Context(), &r, known, "execution"))
				require.NoError(t, lease.Release(t.Context()))
				assert.NoError(t, runlock.Acquire(t.Context(), &r, known, "execution"))
			})
		})
	}
}

// Earlier versions write the end of a lease by the clock of their machine.
func TestLeasesOfEarlierVersions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		// ahead is how much the clock of the lease's machine is ahead.
		ahead    time.Duration
		released bool
		after    time.Duration
		wantHeld bool
	}{
		{name: "a right clock", after: 4 * time.Minute, wantHeld: true},
		{name: "a right clock, ended", after: runlock.LeaseDuration},
		{name: "a right clock, released", released: true},
		{name: "4 minutes slow", ahead: -4 * time.Minute, after: 4 * time.Minute, wantHeld: true},
		{name: "4 minutes slow, ended", ahead: -4 * time.Minute, after: runlock.LeaseDuration},
		{name: "4 minutes slow, released", ahead: -4 * time.Minute, released: true},
		{name: "4 minutes fast", ahead: 4 * time.Minute, after: 4 * time.Minute, wantHeld: true},
		{name: "4 minutes fast, ended", ahead: 4 * time.Minute, after: runlock.LeaseDuration},
		{name: "4 minutes fast, released", ahead: 4 * time.Minute, released: true, after: runlock.LeaseDuration},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				end := time.Now().Add(tt.ahead)
				if !tt.released {
					end = end.Add(5 * time.Minute)
				}
				r := record{owner: "lease:other:" + end.UTC().Format(time.RFC3339), version: 1, writtenAt: time.Now()}
				time.Sleep(tt.after)
				err := runlock.Acquire(t.Context(), &r, known, "execution")
				assert.Equal(t, tt.wantHeld, errkind.Of(err) == errkind.RunInProgress, "%v", err)
			})
		})
	}
}

func TestLeaseOwner(t *testing.T) {
	t.Parallel()
	leaseOwner := func(r *record) string {
		name, err := runlock.LeaseOwner(t.Context(), r)
		require.NoError(t, err)
		return name
	}
	var r record
	assert.Empty(t, leaseOwner(&r))
	lease, err := runlock.AcquireLease(t.Context(), &r, known, "mine")
	require.NoError(t, err)
	assert.Equal(t, "mine", leaseOwner(&r))
	require.NoError(t, lease.Release(t.Context()))
	assert.Empty(t, leaseOwner(&r))
	require.NoError(t, runlock.Acquire(t.Context(), &r, known, "execution"))
	assert.Empty(t, leaseOwner(&r))
}
