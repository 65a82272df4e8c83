package fetchrun_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
)

// The second run of a tree asks for listings and nothing else.
func TestSecondRunFetchesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for i := range 123 {
		w.upload(fmt.Sprintf("/out/a/%d/file %d.txt", i%7, i), int64(i))
	}
	first := w.run(t, `{}`)
	assert.Equal(t, fetchrun.Totals{Files: 123, Folders: 9, Fetched: 123, Bytes: 123 * 122 / 2}, first.Totals)
	assert.Len(t, w.objects(), 123)
	assert.Contains(t, w.keys(), "in/out/a/3/file 3.txt")
	assert.False(t, first.Failed)

	w.listings, w.retrieves = 0, 0
	second := w.run(t, `{}`)
	assert.Equal(t, fetchrun.Totals{Files: 123, Folders: 9, Unchanged: 123}, second.Totals)
	assert.Equal(t, 9, w.listings)
	assert.Zero(t, w.retrieves)

	// The additions of batches are in the bases now, so a third run writes no manifest.
	written := w.manifestWrites()
	w.requireNothingFetched(t, w.run(t, `{}`))
	assert.Equal(t, written, w.manifestWrites())
}

func (w *world) objects() map[string]fetchrun.Object { return w.partner.objects }

func (w *world) manifestWrites() int {
	n := 0
	for key := range w.store.objects {
		if strings.HasPrefix(key, "manifest/") {
			n++
		}
	}
	return n
}

func TestWhatChangedIsFetchedAgain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(w *world)
		want   []string
	}{
		{"by size, with the same time", func(w *world) { w.files["/out/a"] = remoteFile{2, w.files["/out/a"].time} }, []string{"/out/a"}},
		{"by time alone", func(w *world) { w.uploadAt("/out/a", 1, w.now()) }, []string{"/out/a"}},
		{"to an older time", func(w *world) { w.uploadAt("/out/a", 1, noon.AddDate(-1, 0, 0)) }, []string{"/out/a"}},
		{"a new one, older than all", func(w *world) { w.uploadAt("/out/new", 1, noon.AddDate(-9, 0, 0)) }, []string{"/out/new"}},
		{"nothing", func(*world) {}, nil},
		{"deleted in S3", func(w *world) { delete(w.partner.objects, "target/in/out/a") }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.upload("/out/a", 1)
			w.upload("/out/b", 1)
			require.False(t, w.run(t, `{}`).Failed)
			tt.change(w)
			w.fetched = nil
			require.False(t, w.run(t, `{}`).Failed)
			assert.Equal(t, tt.want, w.fetched)
			w.fetched = nil
			w.requireNothingFetched(t, w.run(t, `{}`))
		})
	}
}

// A schedule that was missed for weeks loses nothing, and neither does a folder for each day.
func TestMissedWeek(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *fetchconfig.Sync) { s.RemoteFolders.Folder = "/out/%year%/%month%/%day%" })
	w.upload("/out/2026/11/22/a", 1)
	first := w.run(t, `{}`)
	assert.Equal(t, 1, first.Totals.Fetched)
	*w.clock = w.clock.AddDate(0, 0, 7)
	for day := 23; day <= 30; day++ {
		w.uploadAt(fmt.Sprintf("/out/2026/11/%d/a", day), 1, noon)
	}
	second := w.run(t, `{}`)
	assert.Equal(t, 8, second.Totals.Fetched, "of each day")
	assert.Contains(t, w.keys(), "in/out/2026/11/24/a")
	w.listings = 0
	w.requireNothingFetched(t, w.run(t, `{}`))
	assert.Equal(t, 2, w.listings, "the day of the last run, and today, whose folder is not there yet")
}

// At midnight UTC the day before is looked at once more.
func TestMidnight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *fetchconfig.Sync) { s.RemoteFolders.Folder = "/out/%year%-%month%-%day%" })
	*w.clock = time.Date(2026, 12, 31, 23, 50, 0, 0, time.FixedZone("", 0))
	w.upload("/out/2026-12-31/a", 1)
	assert.Equal(t, 1, w.runNow(t, "evening", `{}`).Totals.Fetched)
	w.upload("/out/2026-12-31/late", 1)
	w.upload("/out/2027-01-01/b", 1)
	*w.clock = time.Date(2027, 1, 1, 0, 0, 5, 0, time.UTC)
	assert.Equal(t, 2, w.runNow(t, "midnight", `{}`).Totals.Fetched)
}

// A file that fails in a day's folder keeps the day in the walk.
func TestFailedDayIsWalkedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *fetchconfig.Sync) { s.RemoteFolders.Folder = "/out/%day%" })
	w.upload("/out/22/a", 1)
	w.failures["/out/22/a"] = []fetchrun.TransferStatus{{FailureCode: "PERMISSION_DENIED", FailureMessage: "permission denied"}}
	assert.True(t, w.run(t, `{}`).Failed)
	*w.clock = w.clock.AddDate(0, 0, 3)
	assert.Equal(t, 1, w.run(t, `{}`).Totals.Fetched)
}

// Names that another program would have changed, or would have led somewhere else.
func TestNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	odd := []string{"with space.txt", "a+b.csv", "100%.txt", "%41%day%.txt", "ünïcödé/日本語.txt", "#;&=?'\"`$~^[x]{y}", ".hidden", `back\slash`}
	for _, name := range odd {
		w.upload("/out/"+name, 0)
	}
	w.upload("/out/"+strings.Repeat("x", 1030), 1)
	w.upload("/out/line\nbreak", 1)
	ended := w.run(t, `{}`)
	var want []string
	for _, name := range odd {
		want = append(want, "in/out/"+name)
	}
	assert.ElementsMatch(t, want, w.keys())
	assert.Equal(t, 2, ended.Totals.Failed)
	for _, result := range ended.report.Results {
		if result.Outcome == fetchrun.Failed {
			assert.Equal(t, "InvalidName", result.Error)
		}
	}
}

// What another program has fetched to the same place is not fetched once more.
func TestTakesOverFromAnotherProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.upload("/out/same", 5)
	w.upload("/out/other size", 5)
	w.uploadAt("/out/newer", 5, w.now().Add(time.Hour))
	for name, size := range map[string]int64{"same": 5, "other size": 4, "newer": 5} {
		w.put("target/in/out/"+name, size)
	}
	ended := w.run(t, `{}`)
	assert.Equal(t, 1, ended.Totals.Unchanged)
	assert.ElementsMatch(t, []string{"/out/other size", "/out/newer"}, w.fetched)
}

func TestLocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	second := w.syncs[0]
	second.Name, second.RemoteFolders.Folder = "second", "/other"
	w.syncs = append(w.syncs, second)
	w.upload("/out/a", 1)
	w.upload("/other/b", 1)
	w.running[machine+"going"], w.owners["all"] = true, machine+"going"

	assert.Equal(t, errkind.RunInProgress, errkind.Of(w.run(t, `{}`).err), "a person's run waits")
	assert.Equal(t, errkind.RunInProgress, errkind.Of(w.run(t, `{"sync":"all"}`).err))
	assert.Equal(t, errkind.Superseded, errkind.Of(w.run(t, `{"sync":"all","scheduled":true}`).err), "the schedule's does not")
	assert.Equal(t, 1, w.run(t, `{"sync":"second"}`).Totals.Fetched, "another sync is not disturbed")
	scheduled := w.run(t, `{"scheduled":true}`)
	assert.True(t, scheduled.report.Syncs[1].LeftOut, scheduled.report.Syncs)
	delete(w.running, machine+"going")
	assert.Equal(t, 1, w.run(t, `{}`).Totals.Fetched)
}

func TestInvalidInput(t *testing.T) {
	t.Parallel()
	for _, input := range []string{
		`[]`, `null`, `{"sync":""}`, `{"sync":"none"}`, `{"dryRun":1}`, `{"dryRun":null}`, `{"FromTimestamp":null}`, `{"FromTimestamp":"soon"}`,
		`{"again":[]}`, `{"again":"x"}`, `{"Sync":"all"}`, `{"scheduled":true,"dryRun":true}`,
	} {
		w := newWorld(t, nil)
		ended := w.run(t, input)
		assert.Equal(t, "InvalidInput", ended.Error, input)
		assert.Empty(t, w.owners, input)
	}
}
