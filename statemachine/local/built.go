package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// built are the parts that make has built or fetched, below the project's root.
type built struct{ root string }

func (b built) path(parts ...string) string {
	return filepath.Join(append([]string{b.root}, parts...)...)
}

func (b built) python() string    { return b.path(".build", "venv", "bin", "python") }
func (b built) launcher() string  { return b.path("statemachine", "local", "moto", "launcher.py") }
func (b built) sftpgo() string    { return b.path(".build", "sftpgo", "sftpgo") }
func (b built) resources() string { return b.path(".build", "sftpgo") }
func (b built) cdk() string       { return b.path("infra", "node_modules", ".bin", "cdk") }
func (b built) app() string       { return b.path(".build", "bin", "infra") }

// codeRoot is where the CDK app finds the functions, below .build/lambda: the
// root, and on a laptop that is no Linux the place of builds that it can run.
func (b built) codeRoot() string {
	if runtime.GOOS == "linux" {
		return b.root
	}
	return b.path(".build", runtime.GOOS)
}

func (b built) function(name string) string {
	return filepath.Join(b.codeRoot(), ".build", "lambda", runtime.GOARCH, name, "bootstrap")
}

// functions are the programs of the Lambdas.
func (b built) functions() []string {
	return []string{b.function("discover-users"), b.function("sync-user"), b.function("summarize-run")}
}

// check returns an error that names every part that is missing or older than its
// sources, and what makes it.
func (b built) check() error {
	var missing []string
	for _, path := range append([]string{
		b.python(), b.launcher(), b.sftpgo(), filepath.Join(b.resources(), "templates"), b.cdk(), b.app(),
	}, b.functions()...) {
		if _, err := os.Stat(path); err != nil {
			relative, _ := filepath.Rel(b.root, path)
			missing = append(missing, relative)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("not built yet: %s: run `make setup`", strings.Join(missing, ", "))
	}
	return b.checkFresh()
}

// Root returns the project's root: the working folder or one above it.
func Root() (string, error) {
	wd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	return findRoot(wd)
}

// findRoot looks for the project's root from a folder upwards.
func findRoot(folder string) (string, error) {
	for {
		if _, err := os.Stat(filepath.Join(folder, "cdk.json")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("not inside the project: no cdk.json in this folder or one above it")
		}
		folder = parent
	}
}
