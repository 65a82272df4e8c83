package fetchrun

import (
	"encoding/json"
	"path"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

func TestRoots(t *testing.T) {
	t.Parallel()
	newYear := time.Date(2027, 1, 1, 0, 0, 1, 0, time.UTC)
	tests := []struct {
		name, folder, strip, prefix string
		complete                    time.Time
		paths, targets              []string
	}{
		{"the original's layout", "/a/b", "", "in", time.Time{}, []string{"/a/b"}, []string{"in/a/b/"}},
		{"another folder has other keys", "/a-b", "", "in", time.Time{}, []string{"/a-b"}, []string{"in/a-b/"}},
		{"stripped", "/a/b/c", "/a/b", "in", time.Time{}, []string{"/a/b/c"}, []string{"in/c/"}},
		{"stripped as a whole", "/a/b", "/a/b", "in", time.Time{}, []string{"/a/b"}, []string{"in/"}},
		{"a strip that ends within a name", "/ab/c", "/a", "in", time.Time{}, []string{"/ab/c"}, []string{"in/ab/c/"}},
		{"the directory of the login", "data", "", "", time.Time{}, []string{"data"}, []string{"data/"}},
		{"the root", "/", "", "in", time.Time{}, []string{"/"}, []string{"in/"}},
		{"a date, the first time", "/a/%year%-%month%-%day%", "", "", time.Time{}, []string{"/a/2027-01-01"}, []string{"a/2027-01-01/"}},
		{"a date, every second of midnight", "/a/%day%", "", "", newYear.Add(-2 * time.Second), []string{"/a/01", "/a/31"}, []string{"a/01/", "a/31/"}},
		{"the same month", "/a/%month%", "", "", newYear.AddDate(0, 0, -3), []string{"/a/01", "/a/12"}, []string{"a/01/", "a/12/"}},
		{"days that become the same objects", "/a/%day%", "/a/%day%", "in", newYear.AddDate(0, 0, -3), []string{"/a/01"}, []string{"in/"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sync := fetchconfig.Sync{Name: "s", Strip: tt.strip}
			sync.RemoteFolders.Folder, sync.LocalRepository.Prefix = tt.folder, tt.prefix
			var paths, targets []string
			for _, folder := range roots(sync, newYear, tt.complete) {
				paths, targets = append(paths, folder.Path), append(targets, folder.Target)
			}
			assert.Equal(t, tt.paths, paths)
			assert.Equal(t, tt.targets, targets)
		})
	}
	sync := fetchconfig.Sync{RemoteFolders: fetchconfig.RemoteFolders{Folder: "/%year%%month%%day%"}}
	assert.Len(t, roots(sync, newYear, newYear.AddDate(-1, 0, 0)), maxDays)
}

// Whatever a server lists, its files come from the folder that was listed, and go to keys
// under the folder's target.
func FuzzListing(f *testing.F) {
	for _, name := range []string{"/out/a", "../../etc/passwd", "/out/..", "/out/.", "/out/a/", "", "/", "a\x00b", "/out/\xff", "/out/a b%41+", "/out/ü"} {
		f.Add(name, name)
	}
	f.Fuzz(func(t *testing.T, file, folder string) {
		text, err := json.Marshal(map[string]any{"files": []any{map[string]any{"filePath": file}}, "paths": []any{map[string]any{"path": folder}}, "truncated": "false"})
		require.NoError(t, err)
		l, err := readListing(strings.NewReader(string(text)), "/out")
		require.NoError(t, err)
		root := Folder{Path: "/out", Root: "/out", Target: "in/out/"}
		check := func(name, remote, key string) {
			if path.Dir(remote) != "/out" || path.Clean(remote) != remote || strings.ContainsFunc(remote, unicode.IsControl) {
				t.Fatalf("%q from %q", name, remote)
			}
			if !strings.HasPrefix(key, "in/out/") || strings.Contains(key, "/../") || !utf8.ValidString(key) || len(key) > maxKey || len(remote) > maxPath {
				t.Fatalf("%q to %q", name, key)
			}
		}
		for _, listed := range l.Files {
			if checkName(root, listed.Name, len(root.key(listed.Name))) == nil {
				check(listed.Name, root.path(listed.Name), root.key(listed.Name))
			}
		}
		for _, name := range l.Folders {
			if child, err := root.child(name); err == nil {
				check(name, child.Path, child.Target)
			}
		}
	})
}

func TestReadListing(t *testing.T) {
	t.Parallel()
	l, err := readListing(strings.NewReader(`{"files":[
		{"filePath":"/out/a","modifiedTimestamp":"2026-11-21T12:00:00Z","size":5},{"filePath":"/out/b","more":[{}]}
	],"paths":[{"path":"/out/c"},{"path":"/out/.."}],"truncated":false,"new":{"x":1}}`), "/out")
	require.NoError(t, err)
	assert.Equal(t, []listedFile{{"a", 5, time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}, {"b", -1, time.Time{}}}, l.Files)
	assert.Equal(t, []string{"c"}, l.Folders)
	for name, text := range map[string]string{
		"truncated, as text": `{"files":[],"paths":[],"truncated":"true"}`,
		"truncated":          `{"files":[],"paths":[],"truncated":true}`,
		"cut short":          `{"files":[{"filePath":"/out/a"}`,
		"without its end":    `{"files":[],"paths":[]}`,
		"no object":          `[]`,
		"empty":              ``,
	} {
		_, err := readListing(strings.NewReader(text), "/out")
		assert.Equal(t, errkind.IncompleteReading, errkind.Of(err), name)
		assert.ErrorContains(t, err, "/out", name)
	}
}

func TestFailureKind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		code, message string
		want          errkind.Kind
	}{
		{"", "host key verification failed", errkind.HostKeyChanged},
		{"AUTHENTICATION_FAILURE", "", errkind.LoginRefused},
		{"", "sftp: permission denied", errkind.PermissionDenied},
		{"PERMISSION_DENIED", `open "/out/s3 bucket/x": permission denied`, errkind.PermissionDenied},
		{"S3_ERROR", "AccessDenied: no identity-based policy allows s3:PutObject", errkind.AccessDenied},
		{"S3_ERROR", "NoSuchBucket: The specified bucket does not exist", errkind.Misconfigured},
		{"ACCESS_ROLE_ERROR", "", errkind.AccessDenied},
		{"SECRET_ERROR", "Unable to access secrets manager", errkind.LoginRefused},
		{"CONNECTION_TIMEOUT", "", errkind.Unavailable},
		{"", "strange", errkind.Unexpected},
	} {
		assert.Equal(t, tt.want, failureKind(tt.code, tt.message), tt)
	}
}
