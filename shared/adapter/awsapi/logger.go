package awsapi

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/smithy-go/logging"
)

// logger writes the SDK's log to slog, with the context of the call.
type logger struct{ ctx context.Context }

var _ logging.ContextLogger = logger{}

func (logger) WithContext(ctx context.Context) logging.Logger { return logger{ctx} }

func (l logger) Logf(classification logging.Classification, format string, args ...any) {
	level := slog.LevelDebug
	if classification == logging.Warn {
		level = slog.LevelWarn
	}
	slog.Log(l.ctx, level, fmt.Sprintf(format, args...))
}
