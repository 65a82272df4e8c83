// Package metrics makes CloudWatch metrics of log lines, by the embedded metric
// format: no call, and nothing to wait for.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package metrics

import (
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

// Attrs make the log line that they are given to one that counts, for the
// state machine of that name. They must stand at the line's top level, and the
// line must be JSON.
func Attrs(stateMachine string, values map[string]float64) []any {
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
