// Package retry repeats calls until they succeed.
package retry

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/digipres/sync-users/shared/domain/errkind"
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

// maxTries does not count what the AWS clients retry themselves.
const maxTries = 5

// Transient repeats a call as the workflow does, while it is throttled or unavailable:
// four times at most, after random delays of up to 2, 4, 8 and 16 seconds.
func Transient[T any](ctx context.Context, call func() (T, error), options ...backoff.RetryOption) (T, error) {
	fullJitter := &backoff.ExponentialBackOff{
		InitialInterval: time.Second, Multiplier: 2, RandomizationFactor: 1, MaxInterval: time.Minute,
	}
	return Do(ctx, call, isTransient, append([]backoff.RetryOption{
		backoff.WithBackOff(fullJitter), backoff.WithMaxTries(maxTries),
	}, options...)...)
}

func isTransient(err error) bool {
	kind := errkind.Of(err)
	return kind == errkind.Throttled || kind == errkind.Unavailable
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
