package retry_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/functions/cli/retry"
)

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

func TestDo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		give      []error
		wantErr   error
		wantCalls int
	}{
		{"success", []error{nil}, nil, 1},
		{"success after retries", []error{io.EOF, io.EOF, nil}, nil, 3},
		{"an error that is not retryable", []error{io.EOF, io.ErrClosedPipe}, io.ErrClosedPipe, 2},
		{"no more tries", []error{io.EOF, io.EOF, io.EOF, nil}, io.EOF, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				got, err := retry.Do(t.Context(), func() (int, error) {
					calls++
					return calls, tt.give[calls-1]
				}, isEOF, backoff.WithMaxTries(3))
				assert.Equal(t, tt.wantErr, err)
				assert.Equal(t, tt.wantCalls, got)
				assert.Equal(t, tt.wantCalls, calls)
			})
		})
	}
}

func TestDoEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		_, err := retry.Do(ctx, func() (int, error) {
			if calls++; calls == 2 {
				cancel()
			}
			return 0, io.EOF
		}, isEOF)
		assert.Equal(t, io.EOF, err, "the call's own error")
		assert.Equal(t, 2, calls)
	})
}

func TestPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		checks := func(n int) func() (time.Duration, bool, error) {
			return func() (time.Duration, bool, error) {
				n--
				return time.Since(started), n == 0, nil
			}
		}
		got, err := retry.Poll(t.Context(), time.Second, 0, checks(1000))
		assert.NoError(t, err)
		assert.Equal(t, 999*time.Second, got)

		_, err = retry.Poll(t.Context(), time.Second, time.Minute, checks(100))
		assert.Equal(t, retry.ErrPending, err)

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = retry.Poll(ctx, time.Second, 0, checks(100))
		assert.Equal(t, retry.ErrPending, err)

		_, err = retry.Poll(t.Context(), time.Second, 0, func() (int, bool, error) { return 0, false, io.EOF })
		assert.Equal(t, io.EOF, err)
	})
}
