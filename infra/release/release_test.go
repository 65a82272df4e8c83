// Package release makes releases of the project; see the script beside it.
package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	changelog  = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Something.\n\n## [1.9.0] - 2026-01-01\n\n- Older.\n"
	updateTest = "statemachine/endtoend/deployment/update_test.go"
	before     = "package deployment\n\nconst released = \"ff0f1cb32e1b884bf46345c3b516e91acf93818f\"\n"
)

// repository is a scratch repository with what a release changes.
type repository struct{ folder, script string }

func newRepository(t *testing.T) repository {
	t.Helper()
	script, err := filepath.Abs("release")
	require.NoError(t, err)
	r := repository{t.TempDir(), script}
	r.git(t, "init", "--quiet", "--initial-branch", "main")
	r.write(t, "CHANGELOG.md", changelog)
	r.write(t, updateTest, before)
	r.git(t, "add", ".")
	r.git(t, "commit", "--quiet", "--message", "first")
	r.git(t, "tag", "v1.9.0")
	return r
}

func (r repository) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(r.folder, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func (r repository) command(t *testing.T, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = r.folder
	command.Env = append(os.Environ(), "HOME="+r.folder, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
	return command
}

func (r repository) git(t *testing.T, args ...string) string {
	t.Helper()
	output, err := r.command(t, "git", args...).CombinedOutput()
	require.NoError(t, err, string(output))
	return strings.TrimSpace(string(output))
}

func TestRelease(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	output, err := r.command(t, r.script, "1.10.0").CombinedOutput()
	require.NoError(t, err, string(output))
	assert.Equal(t, "v1.10.0 is made. Publish it with: git push --atomic origin main v1.10.0\n", string(output))

	released := r.git(t, "rev-parse", "v1.10.0^{commit}")
	assert.Equal(t, released, r.git(t, "rev-parse", "main~1"), "the tag names the release, and one commit follows")
	assert.Equal(t, "release: test updates from 1.10.0\nrelease: 1.10.0\nfirst", r.git(t, "log", "--format=%s"))
	assert.Empty(t, r.git(t, "status", "--porcelain"))
	want := strings.Replace(changelog, "## [Unreleased]\n", "## [Unreleased]\n\n## [1.10.0] - "+time.Now().UTC().Format(time.DateOnly)+"\n", 1)
	assert.Equal(t, strings.TrimSpace(want), r.git(t, "show", "v1.10.0:CHANGELOG.md"))
	assert.Equal(t, strings.TrimSpace(before), r.git(t, "show", "v1.10.0:"+updateTest), "the release is tested as an update of the one before")
	assert.Equal(t, strings.TrimSpace(strings.Replace(before, "ff0f1cb32e1b884bf46345c3b516e91acf93818f", released, 1)), r.git(t, "show", "main:"+updateTest))
}

func TestReleaseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, version string
		give          func(t *testing.T, r repository)
		want          string
	}{
		{"no version", "", nil, "usage: make release VERSION=1.2.3"},
		{"a tag instead of a version", "v2.0.0", nil, "usage: make release VERSION=1.2.3"},
		{"the last version again", "1.9.0", nil, "1.9.0 is not after the last release, v1.9.0."},
		{"an older version", "1.8.10", nil, "1.8.10 is not after the last release, v1.9.0."},
		{"another branch", "2.0.0", func(t *testing.T, r repository) { r.git(t, "switch", "--quiet", "--create", "other") }, "A release is made on main: run `git switch main`."},
		{"changes", "2.0.0", func(t *testing.T, r repository) { r.write(t, "new", "") }, "There are changes that are not committed: commit or stash them."},
		{"nothing to release", "2.0.0", func(t *testing.T, r repository) {
			r.write(t, "CHANGELOG.md", strings.Replace(changelog, "- Something.\n", "", 1))
			r.git(t, "commit", "--quiet", "--all", "--message", "nothing")
		}, "CHANGELOG.md has nothing under [Unreleased]: write what changed."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			if test.give != nil {
				test.give(t, r)
			}
			commit := r.git(t, "rev-parse", "HEAD")
			output, err := r.command(t, r.script, test.version).CombinedOutput()
			require.Error(t, err)
			assert.Equal(t, test.want+"\n", string(output))
			assert.Equal(t, commit, r.git(t, "rev-parse", "HEAD"))
			assert.Equal(t, "v1.9.0", r.git(t, "tag"))
		})
	}
}

// The script finds the constant in the real test, and the heading in the real
// changelog.
func TestReleaseKnowsItsFiles(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"CHANGELOG.md": `(?m)^## \[Unreleased\]$`, updateTest: `(?m)^const released = "[0-9a-f]{40}"$`} {
		text, err := os.ReadFile(filepath.Join("../..", name))
		require.NoError(t, err)
		assert.Regexp(t, want, string(text))
	}
}
