package discover_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/snapshot"
)

// Whoever can't be synced is not tried, and mailed, every five minutes.
func TestScheduledRunsTryTheSameChangesLessAndLessOften(t *testing.T) {
	t.Parallel()
	four, left := crew(4), crew(20)
	for i := range 10 {
		left[i].Groups = nil
	}
	tests := []struct {
		name      string
		execution string
		now       []discover.IAMUser
		snapshot  string
		changes   []discover.KeyChange
		change    int // minutes after which something else changes
		want      []int
		wantErr   errkind.Kind
	}{
		{name: "one who fails", execution: "changes-1", now: four, snapshot: takeSnapshot(t, "user03", four...), want: []int{0, 5, 15, 35, 75, 155}},
		{name: "too many losses", execution: "changes-1", now: left, snapshot: takeSnapshot(t, "", crew(20)...), want: []int{0, 5, 15, 35, 75, 155}, wantErr: errkind.TooManyLosses},
		{name: "something else changes", execution: "changes-1", now: four, snapshot: takeSnapshot(t, "user03", four...), change: 60, want: []int{0, 5, 15, 35, 60, 65, 75, 95, 135}},
		{name: "keys change", execution: "changes-1", now: four, snapshot: takeSnapshot(t, "user03", four...), changes: []discover.KeyChange{{"user03", "1"}}, want: []int{0, 5, 10, 20, 40, 80, 160}},
		{name: "nobody", execution: "changes-1", now: four, snapshot: takeSnapshot(t, "", four...)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &fakeAWS{iamUsers: tt.now, buckets: buckets, objects: map[string]string{snapshot.Key: tt.snapshot}, keyChanges: tt.changes}
			var tried []int
			for minute := 0; minute < 165; minute += 5 {
				if tt.change > 0 && minute == tt.change {
					c.buckets = append(c.buckets[:len(c.buckets):len(c.buckets)], bucket("org-dev-more"))
					c.objects[snapshot.Key] = takeSnapshot(t, "user03", four...)
				}
				f := discover.Function{Directory: c, Buckets: c, Lock: c, Executions: c, Runs: c, KeyChanges: c, RunsBucket: "runs"}
				c.owner = ""
				got, err := handle(t, f, discover.Event{
					Execution: tt.execution, ExecutionARN: "arn:e1", Input: json.RawMessage(`{"changedOnly":true}`),
					StartedAt: time.Date(2026, 11, 21, 10, minute, 0, 0, time.UTC),
				})
				if err != nil {
					require.Equal(t, tt.wantErr, errkind.Of(err))
				}
				if err != nil || !got.NothingChanged {
					tried = append(tried, minute)
				}
				if saved, ok := c.saved["changes.json"]; ok {
					text, err := json.Marshal(saved)
					require.NoError(t, err)
					c.objects["changes.json"] = string(text)
				}
			}
			assert.Equal(t, tt.want, tried)
		})
	}
}

func TestRunsThatSomebodyStartsAreAlwaysTried(t *testing.T) {
	t.Parallel()
	four := crew(4)
	for _, stored := range []string{`{"users":"x","tries":9}`, `{`, ``} {
		c := &fakeAWS{iamUsers: four, buckets: buckets, objects: map[string]string{snapshot.Key: takeSnapshot(t, "user03", four...), "changes.json": stored}}
		for range 3 {
			_, got, err := discoverUsers(t, c, `{"changedOnly":true}`, "")
			require.NoError(t, err)
			assert.Equal(t, []string{"user03"}, got)
		}
		assert.NotContains(t, c.saved, "changes.json")
	}
}
