// Package metrics writes CloudWatch metrics as log lines in the embedded metric
// format, which needs no call to CloudWatch.
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
	// dimension distinguishes the installations in an AWS account.
	dimension = "StateMachine"
)

// Level is the level of lines with metrics. It is above all others, so that no
// LOG_LEVEL suppresses metrics; a handler should show it as INFO.
const Level = slog.LevelError + 4

// Log writes a line with metrics, by name, of the state machine of that name. The
// default logger must write JSON without a group around the attributes.
func Log(ctx context.Context, message, stateMachine string, values map[string]float64, attrs ...any) {
	slog.Log(ctx, Level, message, append(metricAttrs(stateMachine, values), attrs...)...)
}

// metricAttrs returns the attributes of the embedded metric format.
func metricAttrs(stateMachine string, values map[string]float64) []any {
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
