// Package function runs a handler as an AWS Lambda function. It reads the settings
// from the environment, writes the log as JSON lines, and logs errors and panics and
// returns them under the names that the state machine matches.
package function

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/settings"
)

// Event is the input of a function, decoded from JSON.
type Event interface {
	// LogAttrs returns what every log line of the invocation carries: the name of the
	// execution, and the user whom the event is about.
	LogAttrs() []slog.Attr
}

// Handler handles the events of a function. Its result is encoded as JSON.
type Handler[E Event, R any] interface {
	Handle(ctx context.Context, event E) (R, error)
}

// Closer is a Handler that keeps connections from one invocation to the next.
type Closer interface {
	// Close ends them. It has half a second for it
	// (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
	Close()
}

// Start runs a Lambda function and does not return. It makes the handler with
// newHandler, which gets the settings from the environment.
//
// It does so at the first invocation, so that a wrong setting is an error of that
// invocation, with a name and a text, and not a crash. All later invocations
// use the same handler; after an error, the next invocation tries again.
//
// If the handler is a Closer, it is closed when Lambda shuts the environment down.
func Start[S any, H Handler[E, R], E Event, R any](newHandler func(context.Context, aws.Config, S) (H, error)) {
	environment := os.Environ()
	setMemoryLimit(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
	log, err := settings.Read[settings.Log](environment)
	setLogger(os.Stdout, log.Level)
	function := &lambdaHandler[E, R]{
		newHandler: func(ctx context.Context) (Handler[E, R], error) {
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
			return newHandler(ctx, cfg, s)
		},
	}
	var options []lambda.Option
	if _, ok := any(*new(H)).(Closer); ok {
		options = append(options, lambda.WithEnableSIGTERM(func() {
			function.close()
			os.Exit(0)
		}))
	}
	lambda.StartWithOptions(function, options...)
}

// setMemoryLimit makes the garbage collector keep to four fifths of the function's memory,
// in MB as Lambda gives it
// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). The rest is
// for the program itself. There is no limit if the size is not known.
func setMemoryLimit(megabytes string) {
	if size, err := strconv.ParseInt(megabytes, 10, 64); err == nil {
		debug.SetMemoryLimit(size << 20 / 5 * 4)
	}
}

// reserve is how long before Lambda's own deadline the handler's context ends, so
// that the error can still be logged and returned.
const reserve = 2 * time.Second

// lambdaHandler adapts a Handler to the Lambda runtime, which invokes it for one event
// at a time.
type lambdaHandler[E Event, R any] struct {
	newHandler func(context.Context) (Handler[E, R], error)

	mu      sync.Mutex
	handler Handler[E, R] // nil until newHandler succeeds
}

var _ lambda.Handler = (*lambdaHandler[Event, any])(nil)

// Invoke handles one event. Its errors are messages.InvokeResponse_Error, which
// the Lambda runtime passes on as they are.
func (l *lambdaHandler[E, R]) Invoke(ctx context.Context, payload []byte) (response []byte, err error) {
	ctx, cancel := withReserve(ctx)
	defer cancel()
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		ctx = withAttrs(ctx, slog.String("requestId", invocation.AwsRequestID))
	}
	defer func() {
		if cause := recover(); cause != nil {
			err = logPanic(ctx, cause)
		}
	}()
	var event E
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, logError(ctx, errkind.Errorf(errkind.InvalidInput, "the event does not parse: %w", err))
	}
	ctx = withAttrs(ctx, event.LogAttrs()...)
	response, err = l.handle(ctx, event)
	if err != nil {
		return nil, logError(ctx, err)
	}
	return response, nil
}

func (l *lambdaHandler[E, R]) handle(ctx context.Context, event E) ([]byte, error) {
	handler, err := l.makeHandler(ctx)
	if err != nil {
		return nil, err
	}
	result, err := handler.Handle(ctx, event)
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}

// makeHandler returns the handler, which it makes at the first call.
func (l *lambdaHandler[E, R]) makeHandler(ctx context.Context) (_ Handler[E, R], err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.handler != nil {
		return l.handler, nil
	}
	handler, err := l.newHandler(ctx)
	if err == nil {
		l.handler = handler
	}
	return handler, err
}

// close closes the handler, if there is one. An invocation may be using it.
func (l *lambdaHandler[E, R]) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if closer, ok := l.handler.(Closer); ok {
		closer.Close()
	}
}

// withReserve returns a context that ends before the deadline: by the reserve, or by a
// tenth of the remaining time if that is less.
func withReserve(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(reserve, time.Until(deadline)/10)))
}
