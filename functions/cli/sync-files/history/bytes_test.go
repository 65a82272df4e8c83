package history_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/functions/cli/sync-files/history"
	"github.com/digipres/sync-users/shared/domain/run"
)

func TestDone(t *testing.T) {
	t.Parallel()
	sizes := history.Sizes{1000, 1, 20, 300}
	assert.EqualValues(t, 1321, sizes.Total())
	for _, tt := range []struct {
		name string
		give run.Progress
		want int64
	}{
		{"nothing begun", run.Progress{Total: 4, Pending: 4}, 0},
		{"the large one may still be on its way", run.Progress{Total: 4, Pending: 1, Running: 1, Done: 2}, 21},
		{"what was not begun is not done", run.Progress{Total: 4, Pending: 3, Done: 1}, 1000},
		{"all", run.Progress{Total: 4, Done: 4}, 1321},
		{"more than was listed", run.Progress{Total: 9, Running: 4, Done: 5}, 1321},
	} {
		assert.Equal(t, tt.want, sizes.Done(tt.give), tt.name)
	}
	assert.Equal(t, history.Sizes{1000, 1, 20, 300}, sizes, "in the order in which they are begun")
}
