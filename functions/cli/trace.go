package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// What --log-level debug shows: which calls are made and how they end. Nothing
// that a call carries is logged, for that may be a secret.

// traceAWS logs each call of an AWS client.
func traceAWS(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Trace", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		began := time.Now()
		out, metadata, err := next.HandleInitialize(ctx, in)
		slog.DebugContext(ctx, "called AWS", "service", awsmiddleware.GetServiceID(ctx), "operation", awsmiddleware.GetOperationName(ctx),
			"took", time.Since(began).Round(time.Millisecond), "ok", err == nil)
		return out, metadata, err
	}), middleware.After)
}

// traced logs each request to SFTPGo.
type traced struct{ http.RoundTripper }

func (t traced) RoundTrip(r *http.Request) (*http.Response, error) {
	began := time.Now()
	response, err := t.RoundTripper.RoundTrip(r)
	status := 0
	if err == nil {
		status = response.StatusCode
	}
	slog.DebugContext(r.Context(), "called SFTPGo", "method", r.Method, "path", r.URL.EscapedPath(), "status", status,
		"took", time.Since(began).Round(time.Millisecond))
	return response, err
}

// tracer is an HTTP client that logs, if anybody wants that; else nil.
func tracer(ctx context.Context) *http.Client {
	if !slog.Default().Enabled(ctx, slog.LevelDebug) {
		return nil
	}
	return &http.Client{Transport: traced{http.DefaultTransport}}
}
