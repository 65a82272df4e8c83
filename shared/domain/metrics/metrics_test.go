package metrics_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/metrics"
)

// Not parallel, because it sets the default logger.
func TestLogWritesEmbeddedMetricFormat(t *testing.T) {
	var out bytes.Buffer
	before := time.Now().UnixMilli()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelError})))
	metrics.Log(t.Context(), "m", "sync-users", map[string]float64{"Updated": 2, "Failed": 0}, "report", "r")

	var line struct {
		Report          string
		StateMachine    string
		Updated, Failed *float64
		AWS             struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name string }
			}
		} `json:"_aws"`
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	assert.Equal(t, "r", line.Report)
	assert.Equal(t, "sync-users", line.StateMachine)
	require.NotNil(t, line.Updated)
	require.NotNil(t, line.Failed, "zero is a value")
	assert.InDelta(t, 2, *line.Updated, 0)
	assert.GreaterOrEqual(t, line.AWS.Timestamp, before)
	require.Len(t, line.AWS.CloudWatchMetrics, 1)
	directive := line.AWS.CloudWatchMetrics[0]
	assert.Equal(t, "SyncUsers", directive.Namespace)
	assert.Equal(t, [][]string{{"StateMachine"}}, directive.Dimensions)
	require.Len(t, directive.Metrics, 2)
	assert.Equal(t, "Failed", directive.Metrics[0].Name)
}
