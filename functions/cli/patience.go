package main

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

const (
	// attempts at one person, the first included; what AWS's own clients repeat
	// is not counted.
	attempts = 5
	// firstWait doubles after each attempt. What is waited is a random part.
	firstWait = 2 * time.Second
)

// patiently repeats what fails for a reason that time mends, as the workflow
// does, until stop.
func patiently[T any](ctx context.Context, stop <-chan struct{}, do func() (T, error)) (T, error) {
	wait := firstWait
	for attempt := 1; ; attempt++ {
		value, err := do()
		kind := errkind.Of(err)
		if err == nil || attempt == attempts || kind != errkind.Throttled && kind != errkind.Unavailable {
			return value, err
		}
		select {
		case <-time.After(rand.N(wait)):
			wait *= 2
		case <-stop:
			return value, err
		case <-ctx.Done():
			return value, err
		}
	}
}
