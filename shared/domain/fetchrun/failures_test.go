package fetchrun_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
)

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
