// Package metrics writes CloudWatch metrics as log lines in the embedded metric format,
// which needs no call to CloudWatch.
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
	type definition struct{ Name string }
	var definitions []definition
	metrics := []any{slog.String(dimension, stateMachine)}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		definitions = append(definitions, definition{name})
		metrics = append(metrics, slog.Float64(name, values[name]))
	}
	metrics = append(metrics, slog.Any("_aws", map[string]any{
		"Timestamp": time.Now().UnixMilli(),
		"CloudWatchMetrics": []map[string]any{{
			"Namespace":  namespace,
			"Dimensions": [][]string{{dimension}},
			"Metrics":    definitions,
		}},
	}))
	slog.Log(ctx, Level, message, append(metrics, attrs...)...)
}
