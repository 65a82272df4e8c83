// Package function is the edge of a Lambda: what stands between the Lambda
// runtime and the code that knows the domain.
package function

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/settings"
)

// Event is what a function is invoked with, unmarshalled from JSON.
type Event interface {
	// LogAttrs are what every log line of the invocation carries: the name of
	// the workflow's execution, and whom it is about.
	LogAttrs() []slog.Attr
}

// Handler is a function's work. Its result is marshalled as JSON.
type Handler[E Event, R any] interface {
	Handle(ctx context.Context, event E) (R, error)
}

// Start runs a Lambda function and does not return. What makes the handler is
// given the settings of the environment.
//
// Settings are read and wired at the first invocation, so that what is wrong
// with them is an error of that invocation with a name and a text, and not a
// crash. What was wired serves all later invocations; a failure to wire is
// forgotten, and the next invocation tries again.
//
// Errors leave as remedy kinds and are logged once. Log lines written with an
// invocation's context carry the execution and the request's id.
func Start[S any, H Handler[E, R], E Event, R any](wire func(context.Context, aws.Config, S) (H, error)) {
	environment := os.Environ()
	log, err := settings.Read[settings.Log](environment)
	setLogger(os.Stdout, log.Level)
	lambda.Start(&handler[E, R]{
		wire: func(ctx context.Context) (Handler[E, R], error) {
			if err != nil {
				return nil, err
			}
			s, err := settings.Read[S](environment)
			if err != nil {
				return nil, err
			}
			cfg, err := awsapi.Config(ctx)
			if err != nil {
				return nil, err
			}
			return wire(ctx, cfg, s)
		},
	})
}

// reserve is how long before Lambda's own deadline the handler's context ends,
// so that the error is still ours to name.
const reserve = 2 * time.Second

// handler is a lambda.Handler.
type handler[E Event, R any] struct {
	wire func(context.Context) (Handler[E, R], error)

	mu    sync.Mutex
	wired Handler[E, R]
}

var _ lambda.Handler = (*handler[Event, any])(nil)

// Invoke handles one event. Errors are messages.InvokeResponse_Error, which
// the Lambda runtime hands on as they are.
func (e *handler[E, R]) Invoke(ctx context.Context, payload []byte) (response []byte, err error) {
	ctx, cancel := withReserve(ctx)
	defer cancel()
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		ctx = withAttrs(ctx, slog.String("requestId", invocation.AwsRequestID))
	}
	defer func() {
		if cause := recover(); cause != nil {
			err = panicked(ctx, cause)
		}
	}()
	var event E
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, failed(ctx, errkind.Errorf(errkind.InvalidInput, "the event does not parse: %w", err))
	}
	ctx = withAttrs(ctx, event.LogAttrs()...)
	handler, err := e.handler(ctx)
	if err != nil {
		return nil, failed(ctx, err)
	}
	result, err := handler.Handle(ctx, event)
	if err != nil {
		return nil, failed(ctx, err)
	}
	response, err = json.Marshal(result)
	if err != nil {
		return nil, failed(ctx, err)
	}
	return response, nil
}

// handler gives the handler, wired once.
func (e *handler[E, R]) handler(ctx context.Context) (Handler[E, R], error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.wired == nil {
		wired, err := e.wire(ctx)
		if err != nil {
			return nil, err
		}
		e.wired = wired
	}
	return e.wired, nil
}

// withReserve ends a context before its deadline: by the reserve, or by a
// tenth of the time that is left if that is less.
func withReserve(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(reserve, time.Until(deadline)/10)))
}
