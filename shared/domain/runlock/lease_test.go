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
		{name: "another lease is valid", give: record{owner: "lease:other:" + future, version: 3}, wantKind: errkind.RunInProgress},
		{name: "another lease has expired", give: record{owner: "lease:other:" + past, version: 3}},
		{name: "another run acquires it first", give: record{owner: "ended", version: 3, conflicts: 1}, wantKind: errkind.RunInProgress},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := tt.give
			_, err := runlock.AcquireLease(t.Context(), &r, running{"running": true}, "mine")
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
	acquire := func(t *testing.T, r *record) error { return runlock.Acquire(t.Context(), r, running{}, "execution") }
	t.Run("released", func(t *testing.T) {
		t.Parallel()
		var r record
		lease, err := runlock.AcquireLease(t.Context(), &r, running{}, "mine")
		require.NoError(t, err)
		assert.ErrorContains(t, acquire(t, &r), "an earlier run is in progress: mine")
		require.NoError(t, lease.Release(t.Context()))
		assert.NoError(t, acquire(t, &r))
	})
	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var r record
			_, err := runlock.AcquireLease(t.Context(), &r, running{}, "mine")
			require.NoError(t, err)
			time.Sleep(runlock.LeaseDuration - time.Second)
			assert.Equal(t, errkind.RunInProgress, errkind.Of(acquire(t, &r)))
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
		lease, err := runlock.AcquireLease(t.Context(), &r, running{}, "mine")
		require.NoError(t, err)
		for range 20 {
			require.NoError(t, lease.Renew(t.Context()))
			time.Sleep(runlock.MinRemaining - time.Second)
			assert.Error(t, runlock.Acquire(t.Context(), &r, running{}, "execution"))
		}
		assert.Less(t, r.version, 21, "it is written only if necessary")
	})
}

func TestRenewReturnsErrLostAfterExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r record
		lease, err := runlock.AcquireLease(t.Context(), &r, running{}, "mine")
		require.NoError(t, err)
		time.Sleep(runlock.LeaseDuration)
		require.NoError(t, runlock.Acquire(t.Context(), &r, running{}, "execution"))
		assert.ErrorIs(t, lease.Renew(t.Context()), runlock.ErrLost)
		assert.NoError(t, lease.Release(t.Context()))
		assert.Equal(t, "execution", r.owner)
	})
}

func TestRenewReturnsErrLostOnConflict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r record
		lease, err := runlock.AcquireLease(t.Context(), &r, running{}, "mine")
		require.NoError(t, err)
		time.Sleep(runlock.LeaseDuration)
		r.conflicts = 1
		assert.ErrorIs(t, lease.Renew(t.Context()), runlock.ErrLost)
	})
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
	lease, err := runlock.AcquireLease(t.Context(), &r, running{}, "mine")
	require.NoError(t, err)
	assert.Equal(t, "mine", leaseOwner(&r))
	require.NoError(t, lease.Release(t.Context()))
	assert.Empty(t, leaseOwner(&r))
	require.NoError(t, runlock.Acquire(t.Context(), &r, running{}, "execution"))
	assert.Empty(t, leaseOwner(&r))
}
