package metrics_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/metrics"
)

func TestALineThatCounts(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	before := time.Now().UnixMilli()
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", metrics.Attrs("sync-users", map[string]float64{"Updated": 2, "Failed": 0})...)

	var line struct {
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
	assert.Equal(t, "sync-users", line.StateMachine)
	require.NotNil(t, line.Updated)
	require.NotNil(t, line.Failed, "a count of nobody is a count")
	assert.InDelta(t, 2, *line.Updated, 0)
	assert.GreaterOrEqual(t, line.AWS.Timestamp, before)
	require.Len(t, line.AWS.CloudWatchMetrics, 1)
	directive := line.AWS.CloudWatchMetrics[0]
	assert.Equal(t, "SyncUsers", directive.Namespace)
	assert.Equal(t, [][]string{{"StateMachine"}}, directive.Dimensions)
	require.Len(t, directive.Metrics, 2)
	assert.Equal(t, "Failed", directive.Metrics[0].Name)
}
