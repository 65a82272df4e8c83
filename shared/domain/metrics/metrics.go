// Package metrics makes CloudWatch metrics of log lines, by the embedded metric
// format: no call, and nothing to wait for.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package metrics

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"
)

const (
	namespace = "SyncUsers"
	// dimension tells installations in one account apart.
	dimension = "StateMachine"
)

// Level is that of lines that count. It is above all others, because no LOG_LEVEL
// may take numbers out of the dashboard; a handler should show it as INFO.
const Level = slog.LevelError + 4

// Log writes a line that counts, for the state machine of that name. The default
// logger has to write JSON, and may have no group around the attributes.
func Log(ctx context.Context, message, stateMachine string, values map[string]float64, attrs ...any) {
	slog.Log(ctx, Level, message, append(embedded(stateMachine, values), attrs...)...)
}

// embedded are the attributes of the format.
func embedded(stateMachine string, values map[string]float64) []any {
	type definition struct{ Name string }
	var definitions []definition
	attrs := []any{slog.String(dimension, stateMachine)}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		definitions = append(definitions, definition{name})
		attrs = append(attrs, slog.Float64(name, values[name]))
	}
	return append(attrs, slog.Any("_aws", map[string]any{
		"Timestamp": time.Now().UnixMilli(),
		"CloudWatchMetrics": []map[string]any{{
			"Namespace":  namespace,
			"Dimensions": [][]string{{dimension}},
			"Metrics":    definitions,
		}},
	}))
}
