package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeBrowser is a script that notes what it is asked to open.
func fakeBrowser(t *testing.T) (script, log string) {
	t.Helper()
	folder := t.TempDir()
	script, log = filepath.Join(folder, "browser"), filepath.Join(folder, "opened")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\necho \"$@\" >>"+log+"\n"), 0o755))
	return script, log
}

// newTempDir makes a folder for temporary files, which is the test's.
func newTempDir(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "a folder")
	require.NoError(t, os.Mkdir(folder, 0o700))
	t.Setenv("TMPDIR", folder)
	return folder
}

func TestReportOpensBrowser(t *testing.T) { // not parallel, because it sets the environment
	temp := newTempDir(t)
	script, log := fakeBrowser(t)
	for name, browser := range map[string]string{
		"the only one": script, "the second, with an option": "/absent" + string(os.PathListSeparator) + script + " --new-window %s",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("BROWSER", browser)
			got := runCommand(t, addRuns, "report", "some", "--open")
			assert.Equal(t, success, got.code, got.err)
			assert.Empty(t, got.out)

			files, err := filepath.Glob(filepath.Join(temp, "*.html"))
			require.NoError(t, err)
			require.Len(t, files, 1)
			defer os.Remove(files[0])
			assert.Contains(t, got.err, "Wrote "+files[0]+"\n")
			opened, err := os.ReadFile(log)
			require.NoError(t, err)
			assert.True(t, strings.HasSuffix(string(opened), "file://"+strings.ReplaceAll(files[0], " ", "%20")+"\n"), string(opened))
			info, err := os.Stat(files[0])
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o600), info.Mode(), "nobody else may read it")
			page, err := os.ReadFile(files[0])
			require.NoError(t, err)
			assert.Contains(t, string(page), "<h1>Run some</h1>")
		})
	}
}

func TestReportWithoutBrowser(t *testing.T) { // not parallel, because it sets the environment
	newTempDir(t)
	t.Setenv("PATH", t.TempDir())
	for name, browser := range map[string]string{"none named": "", "one that is not there": "netscape"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("BROWSER", browser)
			got := runCommand(t, addRuns, "report", "some", "--open")
			assert.Equal(t, failure, got.code)
			assert.Regexp(t, `there is no browser here to open \S+/a folder/sync-users-\d+\.html\. Name one in BROWSER`, got.err)
		})
	}
	t.Setenv("BROWSER", "/bin/false")
	assert.Regexp(t, `open \S+ folder/sync-users-\d+\.html in the browser: exit status 1\. Open the file yourself`,
		runCommand(t, addRuns, "report", "some", "--open").err)
}

// The page is that which the run left, also of a run of an earlier version, which left none.
func TestReportIntoFile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"some", "dry"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "report.html")
			f := newFixture()
			addRuns(f)
			got := f.run(t.Context(), "report", name, "--html", file)
			assert.Equal(t, success, got.code, got.err)
			assert.Equal(t, "Wrote "+file+"\n", got.err)
			page, err := os.ReadFile(file)
			require.NoError(t, err)
			if kept, ok := f.deployment.objects["runs/"+name+"/report.html"]; ok {
				assert.Equal(t, kept, string(page))
			}
			assert.Contains(t, string(page), "alice@example.org")
		})
	}
	got := runCommand(t, addRuns, "report", "some", "--html", filepath.Join(t.TempDir(), "absent", "report.html"))
	assert.Equal(t, failure, got.code)
	assert.Contains(t, got.err, "no such file or directory. Name a file in a folder")
	assert.Contains(t, runCommand(t, addRuns, "report", "some", "--failed", "--open").err, "a filter")
}
