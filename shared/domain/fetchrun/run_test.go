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

// What was deleted in S3 comes back when it is asked for, by path, by folder or by time.
func TestFetchedAgainIfAsked(t *testing.T) {
	t.Parallel()
	for input, want := range map[string][]string{
		`{"again":["/out/a"]}`:                                   {"/out/a"},
		`{"again":["/out/sub/"]}`:                                {"/out/sub/c"},
		`{"FromTimestamp":0}`:                                    {"/out/a"},
		`{"FromTimestamp":"2026-11-21T11:00:00Z"}`:               {"/out/a"},
		`{"FromTimestamp":"2027-01-01"}`:                         nil,
		`{"dryRun":true,"again":["/out/a","/out/b"]}`:            nil,
		`{"sync":"all","again":["/out/"]}`:                       {"/out/a", "/out/b", "/out/sub/c"},
		`{"again":["/nowhere"],"FromTimestamp":1e11}`:            nil,
		`{"FromTimestamp":` + fmt.Sprint(noon.Unix()-7200) + `}`: {"/out/a"},
	} {
		t.Run(input, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			for _, name := range []string{"/out/a", "/out/b", "/out/sub/c"} {
				w.upload(name, 1)
			}
			require.False(t, w.run(t, `{}`).Failed)
			delete(w.partner.objects, "target/in/out/a")
			w.fetched = nil
			assert.False(t, w.run(t, input).Failed)
			assert.ElementsMatch(t, want, w.fetched)
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

// One folder that can't be listed fails that folder, by name, and no other.
func TestFolderWithoutPermission(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.upload("/out/good/a", 1)
	w.upload("/out/secret/b", 1)
	w.broken["/out/secret"] = "permission denied"
	ended := w.run(t, `{}`)
	assert.True(t, ended.Failed)
	assert.Equal(t, "FilesFailed", ended.Error)
	assert.Equal(t, map[string]fetchrun.Outcome{"/out/good/a": fetchrun.Fetched}, ended.outcomes())
	require.Len(t, ended.report.Folders, 1)
	assert.Equal(t, "/out/secret", ended.report.Folders[0].Path)
	assert.Equal(t, "PermissionDenied", ended.report.Folders[0].Error)
	require.NotNil(t, ended.Mail)
	assert.Contains(t, ended.Mail.Message, "all: /out/secret/: /out/secret can't be listed: LIST_FAILED: permission denied (PermissionDenied)")
	assert.Contains(t, ended.Mail.Message, "PermissionDenied: Ask the partner")

	assert.Nil(t, w.run(t, `{"dryRun":true}`).Mail)
	delete(w.broken, "/out/secret")
	assert.Equal(t, 1, w.run(t, `{}`).Totals.Fetched)
}

func TestFolderFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give func(w *world)
		want string
	}{
		{"a truncated listing", func(w *world) { w.truncated["/out/sub"] = true }, "IncompleteReading"},
		{"nothing is told", func(w *world) { w.silent["/out/sub"] = true }, "Unavailable"},
		{"an error without a known code", func(w *world) { w.broken["/out/sub"] = "strange" }, "Unexpected"},
		{"the root is not there", func(w *world) { w.syncs[0].RemoteFolders.Folder = "/outt" }, "Misconfigured"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.upload("/out/sub/a", 1)
			tt.give(w)
			ended := w.run(t, `{}`)
			assert.True(t, ended.Failed)
			require.Len(t, ended.report.Folders, 1)
			assert.Equal(t, tt.want, ended.report.Folders[0].Error, ended.report.Folders[0].Reason)
		})
	}
}

// A folder that goes while it is walked is no failure.
func TestFolderVanishes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.upload("/out/sub/a", 1)
	w.broken["/out/sub"] = "no such file"
	assert.False(t, w.run(t, `{}`).Failed)
}

func TestFileFailures(t *testing.T) {
	t.Parallel()
	status := func(code, message string) fetchrun.TransferStatus {
		return fetchrun.TransferStatus{FailureCode: code, FailureMessage: message}
	}
	tests := []struct {
		name     string
		failures []fetchrun.TransferStatus
		want     fetchrun.Outcome
		kind     string
	}{
		{"gone", []fetchrun.TransferStatus{status("RETRIEVE_FILE_NOT_FOUND", "")}, fetchrun.Vanished, ""},
		{"no permission", []fetchrun.TransferStatus{status("RETRIEVE_ERROR", "Permission denied")}, fetchrun.Failed, "PermissionDenied"},
		{"the bucket refuses", []fetchrun.TransferStatus{status("S3_ERROR", "Access Denied")}, fetchrun.Failed, "AccessDenied"},
		{"passes", []fetchrun.TransferStatus{status("CONNECTION_ERROR", "connection reset"), status("", "eof")}, fetchrun.Fetched, ""},
		{"goes on", []fetchrun.TransferStatus{
			status("CONNECTION_ERROR", ""), status("CONNECTION_ERROR", ""), status("CONNECTION_ERROR", ""), status("CONNECTION_ERROR", ""),
		}, fetchrun.Failed, "Unavailable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.upload("/out/a", 1)
			w.upload("/out/b", 1)
			w.failures["/out/a"] = tt.failures
			ended := w.run(t, `{}`)
			assert.Equal(t, map[string]fetchrun.Outcome{"/out/a": tt.want, "/out/b": fetchrun.Fetched}, ended.outcomes())
			assert.Equal(t, tt.kind, ended.report.Results[0].Error)
			assert.Equal(t, tt.kind != "", ended.Failed)
			if tt.kind != "" {
				assert.NotEmpty(t, fetchrun.Remedies[errkind.Kind(tt.kind)])
			}
			delete(w.failures, "/out/a")
			w.fetched = nil
			assert.False(t, w.run(t, `{}`).Failed)
			if tt.want == fetchrun.Fetched {
				assert.Empty(t, w.fetched)
			} else {
				assert.Equal(t, []string{"/out/a"}, w.fetched, "the next run fetches what is not on record")
			}
		})
	}
}

// A file that grows while it is fetched is not on record, and is fetched again.
func TestFileGrowsWhileItIsFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.upload("/out/a", 1)
	w.whileFetched = func(name string) { w.files[name] = remoteFile{2, w.now()} }
	ended := w.run(t, `{}`)
	assert.Equal(t, fetchrun.Waiting, ended.outcomes()["/out/a"])
	assert.False(t, ended.Failed)
	w.whileFetched = nil
	assert.Equal(t, 1, w.run(t, `{}`).Totals.Fetched)
}

func TestSettle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *fetchconfig.Sync) { s.Settle = fetchconfig.Duration(time.Minute) })
	w.upload("/out/a", 1)
	assert.Equal(t, map[string]fetchrun.Outcome{"/out/a": fetchrun.Waiting}, w.run(t, `{}`).outcomes())
	w.upload("/out/a", 2)
	assert.Equal(t, map[string]fetchrun.Outcome{"/out/a": fetchrun.Waiting}, w.run(t, `{}`).outcomes(), "it has grown")
	*w.clock = w.clock.Add(30 * time.Second)
	assert.Equal(t, map[string]fetchrun.Outcome{"/out/a": fetchrun.Waiting}, w.runNow(t, "soon", `{}`).outcomes(), "it has not waited long enough")
	assert.Equal(t, map[string]fetchrun.Outcome{"/out/a": fetchrun.Fetched}, w.run(t, `{}`).outcomes())
	w.requireNothingFetched(t, w.run(t, `{}`))
}

// What was fetched goes, and nothing else: a file that was replaced meanwhile stays.
func TestAfter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		after fetchconfig.After
		want  fetchrun.Outcome
		left  []string
	}{
		{"delete", fetchconfig.After{Delete: true}, fetchrun.Removed, []string{"/out/", "/out/replaced"}},
		{"move", fetchconfig.After{MoveTo: "/done"}, fetchrun.Moved, []string{"/out/", "/out/replaced", "/done/a", "/done/sub/b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(s *fetchconfig.Sync) { s.After = tt.after })
			w.upload("/out/a", 1)
			w.upload("/out/sub/b", 1)
			w.upload("/out/replaced", 1)
			w.whileFetched = func(name string) {
				if name == "/out/replaced" { // with the same size
					w.files[name] = remoteFile{1, w.now().Truncate(time.Second)}
				}
			}
			ended := w.run(t, `{}`)
			assert.False(t, ended.Failed, ended.report)
			assert.Equal(t, 3, ended.Totals.Fetched)
			assert.Equal(t, 2, ended.Totals.Removed+ended.Totals.Moved)
			var left []string
			for name := range w.files {
				left = append(left, name)
			}
			assert.ElementsMatch(t, tt.left, left)
			w.whileFetched = nil
			again := w.run(t, `{}`)
			assert.Equal(t, 1, again.Totals.Fetched, "the new version")
			assert.Equal(t, 1, again.Totals.Removed+again.Totals.Moved)
			assert.Equal(t, 3, len(w.partner.objects))
		})
	}
}

func TestMirror(t *testing.T) {
	t.Parallel()
	mirror := func(s *fetchconfig.Sync) { s.Deletions, s.MaxDeletions = fetchconfig.Mirror, 2 }
	start := func(t *testing.T) *world {
		w := newWorld(t, mirror)
		for _, name := range []string{"/out/a", "/out/b", "/out/sub/deep/c", "/out/sub/d"} {
			w.upload(name, 1)
		}
		require.False(t, w.run(t, `{}`).Failed)
		return w
	}
	t.Run("files and folders that are gone", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		delete(w.files, "/out/a")
		delete(w.files, "/out/sub/deep/c")
		ended := w.run(t, `{}`)
		assert.False(t, ended.Failed)
		assert.Equal(t, 2, ended.Totals.Deleted)
		assert.Equal(t, []string{"in/out/b", "in/out/sub/d"}, w.keys())
		assert.Zero(t, w.run(t, `{}`).Totals.Deleted)
	})
	t.Run("a dry run deletes nothing", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		delete(w.files, "/out/a")
		assert.Equal(t, 1, w.run(t, `{"dryRun":true}`).Totals.Deleted)
		assert.Len(t, w.keys(), 4)
	})
	t.Run("too many are gone", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		for _, name := range []string{"/out/a", "/out/b", "/out/sub/d"} {
			delete(w.files, name)
		}
		ended := w.run(t, `{}`)
		assert.True(t, ended.Failed)
		assert.Equal(t, "TooManyDeletions", ended.report.Syncs[0].Error)
		assert.Len(t, w.keys(), 4)
	})
	t.Run("a folder can't be listed", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		delete(w.files, "/out/a")
		w.broken["/out/sub"] = "permission denied"
		ended := w.run(t, `{}`)
		assert.Zero(t, ended.Totals.Deleted)
		assert.Len(t, w.keys(), 4, "neither the file, nor those of the folder that can't be read")
		assert.NotEmpty(t, ended.report.Notes)
	})
	t.Run("somebody else's object stays", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		delete(w.files, "/out/a")
		w.partner.objects["target/in/out/a"] = fetchrun.Object{Key: "in/out/a", Size: 1, ETag: "another"}
		assert.Equal(t, 1, w.run(t, `{}`).Totals.Deleted)
		assert.Len(t, w.keys(), 4)
	})
}

func TestFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *fetchconfig.Sync) {
		s.Include, s.Exclude, s.MaxAge = []string{"*.csv"}, []string{"tmp/**", "~*"}, fetchconfig.Duration(48*time.Hour)
		s.Strip = "/out"
	})
	for _, name := range []string{"/out/a.csv", "/out/a.txt", "/out/~b.csv", "/out/tmp/x/c.csv", "/out/sub/d.csv"} {
		w.upload(name, 1)
	}
	w.uploadAt("/out/old.csv", 1, noon.AddDate(0, 0, -3))
	ended := w.run(t, `{}`)
	assert.Equal(t, []string{"in/a.csv", "in/sub/d.csv"}, w.keys())
	assert.Equal(t, 3, ended.Totals.Ignored)
	assert.Equal(t, 2, w.listings, "an excluded folder is not listed")
}

func TestNotRecursive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *fetchconfig.Sync) { s.RemoteFolders.Recursive = false })
	w.upload("/out/a", 1)
	w.upload("/out/sub/b", 1)
	w.run(t, `{}`)
	assert.Equal(t, []string{"in/out/a"}, w.keys())
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

// A server that is down is one failure, and not one for each folder.
func TestServerDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.upload("/out/a", 1)
	w.tested = errkind.Errorf(errkind.LoginRefused, "the server refuses the login")
	ended := w.run(t, `{}`)
	assert.Equal(t, "LoginRefused", ended.Error)
	assert.Zero(t, w.listings)
	assert.Equal(t, "fetch-files: the run failed", ended.Mail.Subject)
}

func TestThrottled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for i := range 60 {
		w.upload(fmt.Sprintf("/out/%d", i), 1)
	}
	w.throttled = 3
	w.whileFetched = func(string) {
		w.throttled = 4
		w.whileFetched = nil
	}
	ended := w.run(t, `{}`)
	assert.Equal(t, 60, ended.Totals.Fetched)
	assert.Len(t, w.fetched, 60, "each once")
}

// Wherever a function is killed, the run fetches everything, and the next one nothing.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"runs/run-1/plan", "/folders/", "runs/run-1/batches/", "manifest/", "runs/run-1/results/", "level-"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			for i := range 25 {
				w.upload(fmt.Sprintf("/out/%d/a", i), 1)
			}
			w.dies = key
			if first := w.run(t, `{}`); first.Failed {
				assert.Contains(t, []string{"runs/run-1/plan", "level-"}, key, "the fixture does not retry plan-fetch")
				require.False(t, w.run(t, `{}`).Failed)
			}
			assert.Empty(t, w.dies)
			assert.Len(t, w.keys(), 25)
			assert.LessOrEqual(t, len(w.fetched), 26, "what was started before it was noted is fetched twice")
			w.fetched = nil
			w.requireNothingFetched(t, w.run(t, `{}`))
			assert.Empty(t, w.fetched)
		})
	}
}

// A manifest that is damaged, or lost, is made anew from the listing and the bucket.
func TestManifestDamaged(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(*world, string){
		"cut short":         func(w *world, key string) { w.store.objects[key] = w.store.objects[key][:60] },
		"another folder's":  func(w *world, key string) { w.store.objects[key] = []byte(`[{"folder":"/else"}]`) },
		"not JSON":          func(w *world, key string) { w.store.objects[key] = []byte("x") },
		"lost":              func(w *world, key string) { delete(w.store.objects, key) },
		"a nameless record": func(w *world, key string) { w.store.objects[key] = []byte(`[{"folder":"/out"},{"size":1}]`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			for i := range 30 {
				w.upload(fmt.Sprintf("/out/%d", i), 1)
			}
			w.run(t, `{}`)
			w.run(t, `{}`)
			for key := range w.store.objects {
				if strings.HasPrefix(key, "manifest/") {
					damage(w, key)
				}
			}
			w.uploadAt("/out/7", 1, w.now())
			w.fetched = nil
			ended := w.run(t, `{}`)
			assert.False(t, ended.Failed, ended.Cause)
			assert.Equal(t, []string{"/out/7"}, w.fetched, "only what is newer than its object")
			assert.Equal(t, name != "lost", len(ended.report.Notes) == 1, ended.report.Notes)
			w.requireNothingFetched(t, w.run(t, `{}`))
		})
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

func TestDryRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *fetchconfig.Sync) { s.After.Delete = true })
	w.upload("/out/a", 5)
	w.running[machine+"other"], w.owners["all"] = true, machine+"other"
	ended := w.run(t, `{"dryRun":true}`)
	assert.Equal(t, map[string]fetchrun.Outcome{"/out/a": fetchrun.Fetched}, ended.outcomes())
	assert.True(t, ended.DryRun)
	assert.Empty(t, w.fetched)
	assert.Zero(t, w.removals)
	assert.Zero(t, w.manifestWrites())
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

// What is fetched because it was asked for goes afterwards, like any other file.
func TestAgainAndAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.upload("/out/a", 1)
	w.run(t, `{}`)
	w.syncs[0].After.Delete = true
	ended := w.run(t, `{"again":["/out/a"]}`)
	assert.Equal(t, 1, ended.Totals.Fetched)
	assert.Equal(t, 1, ended.Totals.Removed)
	assert.NotContains(t, w.files, "/out/a")
}
