package runlock_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// record is a runlock.Store in memory.
type record struct {
	owner   string
	version int
	// conflicts is how often another run writes between reading and writing.
	conflicts int
}

var _ runlock.Store = (*record)(nil)

func (r *record) Owner(context.Context) (owner, version string, err error) {
	if r.version == 0 {
		return "", "", nil
	}
	return r.owner, strconv.Itoa(r.version), nil
}

func (r *record) CompareAndSwap(_ context.Context, owner, version string) error {
	if r.conflicts > 0 {
		r.conflicts--
		r.version++
	}
	_, current, _ := r.Owner(context.Background())
	if version != current {
		return runlock.ErrConflict
	}
	r.owner, r.version = owner, r.version+1
	return nil
}

// running are the running executions.
type running map[string]bool

var _ runlock.Executions = running(nil)

func (r running) Running(_ context.Context, execution string) (bool, error) {
	if execution == "unreadable" {
		return false, errors.New("no answer")
	}
	return r[execution], nil
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
		{name: "owner is running", give: record{owner: "running", version: 3}, wantKind: errkind.RunInProgress, wantOwner: "running"},
		{name: "another run acquires it first", give: record{owner: "ended", version: 3, conflicts: 1}, wantKind: errkind.RunInProgress, wantOwner: "ended"},
		{name: "another run acquires it first, without an owner before", give: record{conflicts: 1}, wantKind: errkind.RunInProgress},
		{name: "owner can't be read", give: record{owner: "unreadable", version: 1}, wantKind: errkind.Unexpected, wantOwner: "unreadable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := tt.give
			err := runlock.Acquire(t.Context(), &r, running{"running": true}, "me")
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
