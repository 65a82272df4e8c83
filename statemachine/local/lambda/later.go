package lambda

import (
	"context"
	"errors"
	"sync"
	"time"
)

// attempts is how often an asynchronous invocation is tried if the function fails
// (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
const attempts = 3

// invokingLater are the asynchronous invocations that go on.
type invokingLater struct {
	// retryDelay is the time to the second attempt, and to the third it is twice as long. In
	// AWS it is a minute.
	retryDelay time.Duration
	stopping   chan struct{}
	once       sync.Once
}

func (l *invokingLater) stop() { l.once.Do(func() { close(l.stopping) }) }

// invokeLater invokes a function after it has returned. It returns an error if there is no
// such function.
func (s *Service) invokeLater(ctx context.Context, name string, payload []byte) error {
	if _, err := s.deployed.function(ctx, name); err != nil {
		return err
	}
	go func() {
		for attempt := 1; ; attempt++ {
			result, err := s.invoke(context.WithoutCancel(ctx), name, payload)
			if err == nil && result.functionError == "" {
				return
			}
			if err == nil {
				err = errors.New(string(result.payload))
			}
			if attempt == attempts {
				s.errlog.Printf("the asynchronous invocation of %s failed: %v", name, err)
				return
			}
			select {
			case <-s.later.stopping:
				return
			case <-time.After(time.Duration(attempt) * s.later.retryDelay):
			}
		}
	}()
	return nil
}
