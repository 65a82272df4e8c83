package shared_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
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

var (
	domain   = []string{"account", "discover", "explain", "metrics", "remedy", "run", "secret", "stack", "summarize", "turn"}
	adapters = []string{"cloudformation", "iam", "s3", "sfn", "sftpgo", "ssm", "sts"}
)

// imports gives the direct imports of every package of the module (tests
// left out), both by path from the module's root where they are ours.
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

// Imports go one way: functions → shared, infra → statemachine; and inside
// shared the domain stands alone, with one adapter a technology around it.
func TestImportsGoOneWay(t *testing.T) {
	t.Parallel()
	all := imports(t)
	require.NotEmpty(t, all)
	for name, paths := range all {
		folder, rest, _ := strings.Cut(name, "/")
		pkg, _, _ := strings.Cut(rest, "/")
		for _, path := range paths {
			allowed := true
			switch {
			case path == "infra" || strings.HasPrefix(path, "infra/"):
				allowed = folder == "infra"
			case folder == "shared" && slices.Contains(domain, pkg):
				allowed = !foreign(path) && !inShared(path, adapters)
			case folder == "shared" && slices.Contains(adapters, pkg):
				allowed = path == name || !inShared(path, adapters)
			}
			switch folder {
			case "shared":
				allowed = allowed && !ours(path, "functions") && !ours(path, "statemachine")
			case "functions":
				allowed = allowed && !ours(path, "statemachine") && !strings.Contains(path, "aws-cdk-go")
			case "infra":
				allowed = allowed && !ours(path, "functions") && !ours(path, "shared")
			}
			assert.True(t, allowed, "%s must not import %s", name, path)
		}
	}
}

func ours(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

func inShared(path string, packages []string) bool {
	rest, ok := strings.CutPrefix(path, "shared/")
	pkg, _, _ := strings.Cut(rest, "/")
	return ok && slices.Contains(packages, pkg)
}

// foreign tells whether a package is neither Go's own nor ours.
func foreign(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

func TestEveryMainOnlyWires(t *testing.T) {
	t.Parallel()
	mains, err := filepath.Glob("../functions/*/main.go")
	require.NoError(t, err)
	require.NotEmpty(t, mains)
	for _, main := range mains {
		text, err := os.ReadFile(main)
		require.NoError(t, err)
		assert.LessOrEqual(t, bytes.Count(text, []byte("\n")), 30, main)
	}
}
