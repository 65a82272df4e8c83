package function

import (
	"bytes"
	"context"
	"io"
	"log"
	"log/slog"
	"slices"

	"github.com/digipres/sync-users/shared/domain/metrics"
)

// setLogger makes slog write JSON lines, with the attributes that a context
// carries.
func setLogger(to io.Writer, level slog.Level) {
	logger := newLogger(to, level)
	slog.SetDefault(logger)
	log.SetFlags(0)
	log.SetOutput(runtimeLog{logger})
}

func newLogger(to io.Writer, level slog.Level) *slog.Logger {
	return slog.New(contextHandler{slog.NewJSONHandler(to, &slog.HandlerOptions{Level: level, ReplaceAttr: nameLevel})})
}

// nameLevel shows lines that count as what they are to people, information.
func nameLevel(_ []string, attr slog.Attr) slog.Attr {
	if level, ok := attr.Value.Any().(slog.Level); ok && level == metrics.Level {
		attr.Value = slog.AnyValue(slog.LevelInfo)
	}
	return attr
}

type attrsKey struct{}

// withAttrs adds attributes to every line logged with the context.
func withAttrs(ctx context.Context, attrs ...slog.Attr) context.Context {
	have, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	return context.WithValue(ctx, attrsKey{}, slices.Concat(have, attrs))
}

// contextHandler puts the attributes of a record's context before its own:
// CloudWatch finds no more than the first fields of a long line.
type contextHandler struct{ slog.Handler }

func (h contextHandler) Handle(ctx context.Context, record slog.Record) error {
	whole := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	if attrs, ok := ctx.Value(attrsKey{}).([]slog.Attr); ok {
		whole.AddAttrs(attrs...)
	}
	record.Attrs(func(attr slog.Attr) bool {
		whole.AddAttrs(attr)
		return true
	})
	return h.Handler.Handle(ctx, whole)
}

func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attrs)}
}

func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}

// runtimeLog takes what the Lambda runtime's client prints. It prints every
// error that a handler returns, which is logged already.
type runtimeLog struct{ logger *slog.Logger }

func (w runtimeLog) Write(line []byte) (int, error) {
	if !bytes.HasPrefix(line, []byte(`{"errorMessage":`)) {
		w.logger.Error(string(bytes.TrimSpace(line)))
	}
	return len(line), nil
}
