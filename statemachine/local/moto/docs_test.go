package moto_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	patchRow = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| .+ \\| `(Test\\w+)` \\|$")
	patch    = regexp.MustCompile(`(?m)^@replaces\(.+\)\ndef (\w+)\(`)
	testName = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// TestDocs compares docs/moto.md with the patches and tests that there are.
func TestDocs(t *testing.T) {
	t.Parallel()
	var documented []string
	tests := testName.FindAllStringSubmatch(sources(t, "*_test.go"), -1)
	for _, row := range patchRow.FindAllStringSubmatch(sources(t, "../../../docs/moto.md"), -1) {
		documented = append(documented, row[1])
		assert.Contains(t, tests, []string{"func " + row[2] + "(", row[2]}, "the test of %s", row[1])
	}
	var patches []string
	for _, found := range patch.FindAllStringSubmatch(sources(t, "*.py"), -1) {
		patches = append(patches, found[1])
	}
	assert.ElementsMatch(t, patches, documented)
}

// TestModules compares the launcher's list with the modules that have patches.
func TestModules(t *testing.T) {
	t.Parallel()
	launcher, files := sources(t, "launcher.py"), 0
	modules, err := filepath.Glob("*.py")
	require.NoError(t, err)
	for _, file := range modules {
		if patch.MatchString(sources(t, file)) {
			assert.Contains(t, launcher, `"`+strings.TrimSuffix(file, ".py")+`",`)
			files++
		}
	}
	assert.Positive(t, files)
}

// sources returns the text of all files of a pattern.
func sources(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}
