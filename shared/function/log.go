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

// setLogger makes slog write JSON lines, with the attributes of withAttrs, and sends
// the lines of package log there too.
func setLogger(to io.Writer, level slog.Level) {
	logger := newLogger(to, level)
	slog.SetDefault(logger)
	log.SetFlags(0)
	log.SetOutput(runtimeLogWriter{logger})
}

func newLogger(to io.Writer, level slog.Level) *slog.Logger {
	return slog.New(contextHandler{slog.NewJSONHandler(to, &slog.HandlerOptions{Level: level, ReplaceAttr: showMetricsAsInfo})})
}

// showMetricsAsInfo names the level of metrics INFO. It is a level of its own only so
// that no log level leaves metrics out.
func showMetricsAsInfo(_ []string, attr slog.Attr) slog.Attr {
	if level, ok := attr.Value.Any().(slog.Level); ok && level == metrics.Level {
		attr.Value = slog.AnyValue(slog.LevelInfo)
	}
	return attr
}

type attrsKey struct{}

// withAttrs returns a context that adds attributes to every line logged with it.
func withAttrs(ctx context.Context, attrs ...slog.Attr) context.Context {
	have, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	return context.WithValue(ctx, attrsKey{}, slices.Concat(have, attrs))
}

// contextHandler adds the attributes of withAttrs to a record. They come before the
// record's own, because CloudWatch finds only the first fields of a long line.
type contextHandler struct{ slog.Handler }

func (h contextHandler) Handle(ctx context.Context, record slog.Record) error {
	attrs, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	return h.Handler.WithAttrs(attrs).Handle(ctx, record)
}

func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attrs)}
}

func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}

// runtimeLogWriter logs what the Lambda runtime client prints, except for the errors
// of handlers, which logError has logged.
type runtimeLogWriter struct{ logger *slog.Logger }

func (w runtimeLogWriter) Write(line []byte) (int, error) {
	if !bytes.HasPrefix(line, []byte(`{"errorMessage":`)) {
		w.logger.Error(string(bytes.TrimSpace(line)))
	}
	return len(line), nil
}
