// Package retry repeats calls until they succeed.
package retry

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// ErrPending is what Poll returns if it ends before the check is done.
var ErrPending = errors.New("still pending")

// Do repeats a call while its error is retryable and the options allow it. Unlike
// backoff.Retry it returns the call's last error also when the context ends.
func Do[T any](ctx context.Context, call func() (T, error), retryable func(error) bool, options ...backoff.RetryOption) (value T, err error) {
	_, _ = backoff.Retry(ctx, func() (T, error) {
		if value, err = call(); err != nil && !retryable(err) {
			return value, backoff.Permanent(err)
		}
		return value, err
	}, options...)
	return value, err
}

// Poll repeats a check at an interval until it is done or returns an error. It
// returns ErrPending when the context ends, or the timeout unless that is 0.
func Poll[T any](ctx context.Context, interval, timeout time.Duration, check func() (value T, done bool, err error)) (T, error) {
	return Do(ctx, func() (T, error) {
		value, done, err := check()
		if err == nil && !done {
			err = ErrPending
		}
		return value, err
	},
		func(err error) bool { return errors.Is(err, ErrPending) },
		backoff.WithBackOff(backoff.NewConstantBackOff(interval)),
		backoff.WithMaxElapsedTime(timeout))
}
