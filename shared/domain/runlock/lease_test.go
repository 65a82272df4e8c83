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

func TestBorrow(t *testing.T) {
	t.Parallel()
	past, future := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	tests := []struct {
		name     string
		give     record
		wantKind errkind.Kind
	}{
		{name: "nobody had it yet"},
		{name: "an ended run had it", give: record{holder: "ended", version: 3}},
		{name: "a run has it", give: record{holder: "going", version: 3}, wantKind: errkind.RunInProgress},
		{name: "a lease has it", give: record{holder: "lease:other:" + future, version: 3}, wantKind: errkind.RunInProgress},
		{name: "a lease ran out", give: record{holder: "lease:other:" + past, version: 3}},
		{name: "another takes it first", give: record{holder: "ended", version: 3, moves: 1}, wantKind: errkind.RunInProgress},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := tt.give
			_, err := runlock.AcquireLease(t.Context(), &r, running{"going": true}, "mine")
			if tt.wantKind == "" {
				require.NoError(t, err)
				assert.Contains(t, r.holder, "lease:mine:")
				return
			}
			assert.Equal(t, tt.wantKind, errkind.Of(err))
			assert.Equal(t, tt.give.holder, r.holder)
		})
	}
}

// The workflow's run waits while the lease lasts and not longer, whether it is
// given back or forgotten.
func TestExecutionWaitsForLease(t *testing.T) {
	t.Parallel()
	take := func(t *testing.T, r *record) error { return runlock.Acquire(t.Context(), r, running{}, "execution") }
	t.Run("given back", func(t *testing.T) {
		t.Parallel()
		var r record
		lease, err := runlock.AcquireLease(t.Context(), &r, running{}, "mine")
		require.NoError(t, err)
		assert.ErrorContains(t, take(t, &r), "an earlier run is going: mine")
		require.NoError(t, lease.Release(t.Context()))
		assert.NoError(t, take(t, &r))
	})
	t.Run("forgotten", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var r record
			_, err := runlock.AcquireLease(t.Context(), &r, running{}, "mine")
			require.NoError(t, err)
			time.Sleep(runlock.LeaseDuration - time.Second)
			assert.Equal(t, errkind.RunInProgress, errkind.Of(take(t, &r)))
			time.Sleep(time.Second)
			assert.NoError(t, take(t, &r))
		})
	})
}

// Whoever renews before each thing to do has the turn for Reserve at least.
func TestRenew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r record
		lease, err := runlock.AcquireLease(t.Context(), &r, running{}, "mine")
		require.NoError(t, err)
		for range 20 {
			require.NoError(t, lease.Renew(t.Context()))
			time.Sleep(runlock.MinRemaining - time.Second)
			assert.Error(t, runlock.Acquire(t.Context(), &r, running{}, "execution"))
		}
		assert.Less(t, r.version, 21, "it is written only when it has to be")
	})
}

func TestLostLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r record
		lease, err := runlock.AcquireLease(t.Context(), &r, running{}, "mine")
		require.NoError(t, err)
		time.Sleep(runlock.LeaseDuration)
		require.NoError(t, runlock.Acquire(t.Context(), &r, running{}, "execution"))
		assert.ErrorIs(t, lease.Renew(t.Context()), runlock.ErrLost)
		assert.NoError(t, lease.Release(t.Context()))
		assert.Equal(t, "execution", r.holder)
	})
}

func TestRenewMoved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r record
		lease, err := runlock.AcquireLease(t.Context(), &r, running{}, "mine")
		require.NoError(t, err)
		time.Sleep(runlock.LeaseDuration)
		r.moves = 1
		assert.ErrorIs(t, lease.Renew(t.Context()), runlock.ErrLost)
	})
}

func TestLeased(t *testing.T) {
	t.Parallel()
	leased := func(r *record) string {
		name, err := runlock.LeaseOwner(t.Context(), r)
		require.NoError(t, err)
		return name
	}
	var r record
	assert.Empty(t, leased(&r))
	lease, err := runlock.AcquireLease(t.Context(), &r, running{}, "mine")
	require.NoError(t, err)
	assert.Equal(t, "mine", leased(&r))
	require.NoError(t, lease.Release(t.Context()))
	assert.Empty(t, leased(&r))
	require.NoError(t, runlock.Acquire(t.Context(), &r, running{}, "execution"))
	assert.Empty(t, leased(&r))
}
