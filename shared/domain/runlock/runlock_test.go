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
	holder  string
	version int
	// moves is how often somebody else writes between reading and writing.
	moves int
}

var _ runlock.Store = (*record)(nil)

func (r *record) Owner(context.Context) (execution, version string, err error) {
	if r.version == 0 {
		return "", "", nil
	}
	return r.holder, strconv.Itoa(r.version), nil
}

func (r *record) CompareAndSwap(_ context.Context, execution, version string) error {
	if r.moves > 0 {
		r.moves--
		r.version++
	}
	have := ""
	if r.version > 0 {
		have = strconv.Itoa(r.version)
	}
	if version != have {
		return runlock.ErrConflict
	}
	r.holder, r.version = execution, r.version+1
	return nil
}

// running are the executions that are going on.
type running map[string]bool

var _ runlock.Executions = running(nil)

func (r running) Running(_ context.Context, execution string) (bool, error) {
	if execution == "unreadable" {
		return false, errors.New("no answer")
	}
	return r[execution], nil
}

func TestTake(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		give       record
		wantKind   errkind.Kind
		wantHolder string
	}{
		{name: "nobody had it yet", wantHolder: "me"},
		{name: "it is mine already", give: record{holder: "me", version: 3}, wantHolder: "me"},
		{name: "an ended run had it", give: record{holder: "ended", version: 3}, wantHolder: "me"},
		{name: "a run has it", give: record{holder: "going", version: 3}, wantKind: errkind.RunInProgress, wantHolder: "going"},
		{name: "another takes it first", give: record{holder: "ended", version: 3, moves: 1}, wantKind: errkind.RunInProgress, wantHolder: "ended"},
		{name: "the first of all takes it first", give: record{moves: 1}, wantKind: errkind.RunInProgress},
		{name: "the holder can't be asked about", give: record{holder: "unreadable", version: 1}, wantKind: errkind.Unexpected, wantHolder: "unreadable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := tt.give
			err := runlock.Acquire(t.Context(), &r, running{"going": true}, "me")
			if tt.wantKind == "" {
				require.NoError(t, err)
			} else {
				require.Error(t, err)
				assert.Equal(t, tt.wantKind, errkind.Of(err))
			}
			assert.Equal(t, tt.wantHolder, r.holder)
		})
	}
}
