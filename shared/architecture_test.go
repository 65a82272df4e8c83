package shared_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/digipres/sync-users/"

// roots are the folders that packages may be in. A package anywhere else fails
// the test, so that no package is without a rule.
var roots = []string{"shared/domain", "shared/adapter", "shared/function", "shared/settings", "functions", "statemachine", "infra", "docs"}

// checkedByInfra reads the file that a deployment of fetch-files is made from, as the
// command line does.
const checkedByInfra = "shared/domain/fetchconfig"

// fixtures are for tests alone.
var fixtures = []string{"shared/adapter/sftp/sftptest", "shared/domain/account/accounttest", "shared/domain/transfer/transfertest", "functions/cli/clitest"}

// imports returns the direct imports of every package of the module, without
// those of tests. Paths of this module are relative to its root.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...")
	list.Dir = ".."
	out, err := list.Output()
	require.NoError(t, err)
	all := map[string][]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		for _, path := range p.Imports {
			name := strings.TrimPrefix(p.ImportPath, module)
			all[name] = append(all[name], strings.TrimPrefix(path, module))
		}
	}
}

// Imports go one way: functions → shared, infra → statemachine. In shared, the
// domain imports only the standard library and itself, so that it can't reach an
// SDK through another package, and adapters import no other adapter but awsapi.
// Fixtures of tests are imported only by tests. What command lines have in common
// imports none of their commands.
func TestImportsGoOneWay(t *testing.T) {
	t.Parallel()
	all := imports(t)
	require.NotEmpty(t, all)
	for name, paths := range all {
		root := slices.IndexFunc(roots, func(root string) bool { return within(name, root) })
		if !assert.GreaterOrEqual(t, root, 0, "%s is in none of %v", name, roots) {
			continue
		}
		for _, path := range paths {
			assert.True(t, mayImport(name, roots[root], path), "%s must not import %s", name, path)
		}
	}
}

func mayImport(name, root, path string) bool {
	if within(path, "infra") && !within(name, "infra") || slices.Contains(fixtures, path) {
		return false
	}
	switch root {
	case "shared/domain":
		return isStandard(path) || within(path, "shared/domain")
	case "shared/adapter":
		return !within(path, "functions") && !within(path, "statemachine") && !within(path, "shared/function") &&
			(!within(path, "shared/adapter") || within(path, name) || path == "shared/adapter/awsapi")
	case "shared/function", "shared/settings":
		return !within(path, "functions") && !within(path, "statemachine") &&
			(!within(path, "shared/adapter") || path == "shared/adapter/awsapi")
	case "functions":
		return !within(path, "statemachine") && !strings.Contains(path, "aws-cdk-go") &&
			!slices.ContainsFunc([]string{"functions/cli/sync-users", "functions/cli/sync-files"}, func(program string) bool {
				return within(path, program) && !within(name, program)
			})
	case "infra":
		return !within(path, "functions") && (!within(path, "shared") || path == checkedByInfra)
	}
	return true
}

func within(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

// isStandard reports whether a package is in Go's standard library. All others
// begin with a host name, or with a folder of this module.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && !slices.ContainsFunc(roots, func(root string) bool { return within(path, root) })
}

func TestMainFilesAreShort(t *testing.T) {
	t.Parallel()
	var mains []string
	require.NoError(t, filepath.WalkDir("../functions", func(path string, _ fs.DirEntry, err error) error {
		if filepath.Base(path) == "main.go" {
			mains = append(mains, path)
		}
		return err
	}))
	require.NotEmpty(t, mains)
	for _, main := range mains {
		text, err := os.ReadFile(main)
		require.NoError(t, err)
		assert.LessOrEqual(t, bytes.Count(text, []byte("\n")), 30, main)
	}
}
