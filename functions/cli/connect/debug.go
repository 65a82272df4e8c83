package connect

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// The debug log has each call and how it ended, but nothing of its content, which
// may be secret.

func logAWSCalls(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("LogCalls", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		started := time.Now()
		out, metadata, err := next.HandleInitialize(ctx, in)
		slog.DebugContext(ctx, "called AWS", "service", awsmiddleware.GetServiceID(ctx), "operation", awsmiddleware.GetOperationName(ctx),
			"took", time.Since(started).Round(time.Millisecond), "ok", err == nil)
		return out, metadata, err
	}), middleware.After)
}

type loggingTransport struct{ http.RoundTripper }

func (t loggingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	started := time.Now()
	response, err := t.RoundTripper.RoundTrip(r)
	status := 0
	if err == nil {
		status = response.StatusCode
	}
	slog.DebugContext(r.Context(), "called SFTPGo", "method", r.Method, "path", r.URL.EscapedPath(), "status", status,
		"took", time.Since(started).Round(time.Millisecond))
	return response, err
}

func logRequests(transport http.RoundTripper) http.RoundTripper { return loggingTransport{transport} }
