package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each promise names a test, and all of these tests exist.
func TestPromisesNameTests(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("promises.md")
	require.NoError(t, err)
	existing := testNames(t)
	name := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`")
	for _, line := range strings.Split(string(source), "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| promise") {
			continue
		}
		named := name.FindAllStringSubmatch(line, -1)
		assert.NotEmpty(t, named, line)
		for _, match := range named {
			assert.True(t, existing[match[1]], "%s: there is no %s", line, match[1])
		}
	}
}

// testNames returns the names of all tests of the project.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	names := map[string]bool{}
	for _, folder := range []string{"functions", "infra", "shared", "statemachine"} {
		require.NoError(t, filepath.WalkDir(filepath.Join("..", folder), func(path string, entry os.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && entry.Name() == "node_modules":
				return filepath.SkipDir
			case !strings.HasSuffix(path, "_test.go"):
				return nil
			}
			source, err := os.ReadFile(path)
			for _, match := range declaration.FindAllStringSubmatch(string(source), -1) {
				names[match[1]] = true
			}
			return err
		}))
	}
	return names
}
