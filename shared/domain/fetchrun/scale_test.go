package fetchrun_test

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	os.Exit(m.Run())
}

// The limits of Step Functions: the bytes of a state, and the events of a history
// (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
const (
	maxStateBytes    = 256 << 10
	maxHistoryEvents = 25_000
)

// tree has so many folders, each with so many files, ten folders in one.
func tree(t testing.TB, folders, files int) *world {
	w := newWorldOf(nil)
	for i := range folders {
		folder := "/out/"
		for _, digit := range fmt.Sprint(i) {
			folder += fmt.Sprintf("folder %c/", digit)
		}
		for j := range files {
			w.upload(fmt.Sprintf("%sfile-%06d.dat", folder, j), int64(j))
		}
	}
	w.buildIndex()
	return w
}

// Nothing that the workflow hands on grows with the number of files.
func TestStateStaysSmall(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ folders, files int }{{1, 10_000}, {500, 3}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			w := tree(t, size.folders, size.files)
			first := w.run(t, `{}`)
			assert.Equal(t, size.folders*size.files, first.Totals.Fetched)
			w.listings, w.retrieves = 0, 0
			second := w.run(t, `{}`)
			assert.Equal(t, size.folders*size.files, second.Totals.Unchanged)
			assert.Zero(t, w.retrieves)
			assert.Less(t, w.stateBytes, maxStateBytes)
			assert.Less(t, w.events, maxHistoryEvents)
		})
	}
}

// A folder with very many subfolders does not fit into an output either.
func TestManySubfolders(t *testing.T) {
	t.Parallel()
	w := newWorldOf(nil)
	for i := range 1_200 {
		w.upload(fmt.Sprintf("/out/%s-%d/f", strings.Repeat("long name ", 10), i), 1)
	}
	w.buildIndex()
	assert.Equal(t, 1_200, w.run(t, `{}`).Totals.Fetched)
	assert.Less(t, w.stateBytes, maxStateBytes)
}

// BenchmarkTree measures calls and sizes for trees of up to a million files.
func BenchmarkTree(b *testing.B) {
	for _, size := range []struct{ folders, files int }{{10, 100}, {1_000, 100}, {10_000, 100}, {1, 100_000}} {
		b.Run(fmt.Sprintf("folders=%d,files=%d", size.folders, size.folders*size.files), func(b *testing.B) {
			for range b.N {
				w := tree(b, size.folders, size.files)
				require.Equal(b, size.folders*size.files, w.run(b, `{}`).Totals.Fetched)
				report := func(name string, value int) { b.ReportMetric(float64(value), name) }
				report("transfers/first", w.retrieves)
				report("invocations/first", w.steps)
				report("writes/first", w.written)
				w.listings, w.retrieves, w.steps, w.written = 0, 0, 0, 0
				w.run(b, `{}`)
				report("listings/second", w.listings)
				report("transfers/second", w.retrieves)
				w.steps, w.written = 0, 0
				w.run(b, `{}`)
				report("invocations/third", w.steps)
				report("writes/third", w.written)
				report("state-bytes", w.stateBytes)
				report("largest-object-bytes", w.largest)
				report("events", w.events)
			}
		})
	}
}
