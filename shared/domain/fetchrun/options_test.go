package fetchrun_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/fetchconfig"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
)

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
