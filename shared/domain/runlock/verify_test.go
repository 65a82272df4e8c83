package runlock_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

const arn = "arn:aws:states:us-east-1:123456789012:execution:sync-users:"

// counter counts the reads of a record.
type counter struct {
	*record
	reads int
}

func (c *counter) Read(ctx context.Context) (runlock.Record, error) {
	c.reads++
	return c.record.Read(ctx)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		owner string
		want  errkind.Kind
	}{
		{"its own lock", arn + "one", ""},
		{"another run's", arn + "two", errkind.RunLockLost},
		{"another state machine's", "arn:aws:states:us-east-1:123456789012:execution:other:one", errkind.RunLockLost},
		{"one whose name ends alike", "arn:aws:states:us-east-1:123456789012:execution:x:sync-users:one", errkind.RunLockLost},
		{"a lease", "lease:one:2026-11-21T10:00:00Z", errkind.RunLockLost},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := record{owner: tt.owner, version: 1, writtenAt: time.Now()}
			err := runlock.NewVerifier(&r).Verify(t.Context(), "sync-users", "one")
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, tt.want, errkind.Of(err))
			assert.ErrorContains(t, err, "the run one does not have the lock any more")
		})
	}
	assert.Equal(t, errkind.RunLockLost, errkind.Of(runlock.NewVerifier(&record{}).Verify(t.Context(), "sync-users", "one")), "no lock at all")
}

func TestVerifyReadsOnceAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &counter{record: &record{owner: arn + "one", version: 1, writtenAt: time.Now()}}
		verifier := runlock.NewVerifier(c)
		for range 60 {
			require.NoError(t, verifier.Verify(t.Context(), "sync-users", "one"))
			time.Sleep(time.Second)
		}
		assert.Equal(t, 1, c.reads)
		require.NoError(t, verifier.Verify(t.Context(), "sync-users", "one"))
		assert.Equal(t, 2, c.reads)
		assert.Error(t, verifier.Verify(t.Context(), "sync-users", "two"), "what is known of one run is not of another")
	})
}

// Where another run has begun since a run was stopped, no answer from before lets the
// stopped run write when it is redriven.
func TestVerifyFindsARedrivenRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := record{}
		require.NoError(t, runlock.Acquire(t.Context(), &r, known, arn+"one"))
		verifier := runlock.NewVerifier(&r)
		require.NoError(t, verifier.Verify(t.Context(), "sync-users", "one"))
		stopped := executions{arn + "one": {Status: run.StatusAborted, EndedAt: time.Now()}}
		for runlock.Acquire(t.Context(), &r, stopped, arn+"two") != nil {
			time.Sleep(time.Second)
		}
		assert.Equal(t, errkind.RunLockLost, errkind.Of(verifier.Verify(t.Context(), "sync-users", "one")))
	})
}

// Nothing runs for longer than the state machine's timeout, unless it is redriven.
func TestVerifyFindsARunRedrivenAfterItsTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := record{}
		require.NoError(t, runlock.Acquire(t.Context(), &r, known, arn+"one"))
		verifier := runlock.NewVerifier(&r)
		time.Sleep(runlock.RunTimeout)
		require.NoError(t, verifier.Verify(t.Context(), "sync-users", "one"))
		time.Sleep(time.Minute)
		assert.Equal(t, errkind.RunLockLost, errkind.Of(verifier.Verify(t.Context(), "sync-users", "one")))
	})
}
