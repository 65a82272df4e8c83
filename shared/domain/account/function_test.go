package account_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// lockOwner is the name of the execution that has the lock.
type lockOwner string

var _ account.RunLock = lockOwner("")

func (l lockOwner) Verify(_ context.Context, _, execution string) error {
	if execution != string(l) {
		return errkind.Errorf(errkind.RunLockLost, "the run %s does not have the lock", execution)
	}
	return nil
}

func TestHandleWritesOnlyWithTheLock(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		execution  string
		dryRun     bool
		want       errkind.Kind
		wantWrites bool
	}{
		{name: "with the lock", execution: "one", wantWrites: true},
		{name: "without it, as after a redrive", execution: "old", want: errkind.RunLockLost},
		{name: "a dry run does not need it", execution: "old", dryRun: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := accounttest.NewServer(email)
			f := account.Function{Syncer: newSyncer(s, aliceKeys), Server: s, Lock: lockOwner("one")}
			result, err := f.Handle(t.Context(), account.Event{Execution: tt.execution, DryRun: tt.dryRun, User: alice("org-dev-data")})
			assert.Equal(t, tt.wantWrites, len(s.Writes()) > 0)
			if tt.want != "" {
				assert.Equal(t, tt.want, errkind.Of(err))
				assert.Empty(t, s.Calls)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, run.Updated, result.Outcome)
		})
	}
}

func TestHandleChecksTheServer(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	f := account.Function{Syncer: newSyncer(s, aliceKeys), Server: s, Lock: lockOwner("one")}
	check := account.Event{Execution: "one", Check: true}
	_, err := f.Handle(t.Context(), check)
	require.NoError(t, err)
	assert.Equal(t, []string{"GET version"}, s.Calls)

	s.Fault = func(string) error { return errkind.Errorf(errkind.Unavailable, "503") }
	_, err = f.Handle(t.Context(), check)
	assert.Equal(t, errkind.Unavailable, errkind.Of(err))

	check.Execution = "old"
	_, err = f.Handle(t.Context(), check)
	assert.Equal(t, errkind.RunLockLost, errkind.Of(err))
}
