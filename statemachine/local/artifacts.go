package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// artifacts are the files that make has built or fetched, below the project's
// root.
type artifacts struct{ root string }

func (a artifacts) path(parts ...string) string {
	return filepath.Join(append([]string{a.root}, parts...)...)
}

func (a artifacts) python() string { return a.path(".build", "venv", "bin", "python") }
func (a artifacts) motoLauncher() string {
	return a.path("statemachine", "local", "moto", "launcher.py")
}
func (a artifacts) sftpgo() string    { return a.path(".build", "sftpgo", "sftpgo") }
func (a artifacts) resources() string { return a.path(".build", "sftpgo") }
func (a artifacts) cdk() string       { return a.path("infra", "node_modules", ".bin", "cdk") }
func (a artifacts) cdkApp() string    { return a.path(".build", "bin", "infra") }

// codeRoot is the folder with the .build/lambda in which the CDK app finds the
// functions: the root, or the builds for this machine if it doesn't run Linux.
func (a artifacts) codeRoot() string {
	if runtime.GOOS == "linux" {
		return a.root
	}
	return a.path(".build", runtime.GOOS)
}

func (a artifacts) function(name string) string {
	return filepath.Join(a.codeRoot(), ".build", "lambda", runtime.GOARCH, name, "bootstrap")
}

// functions are the programs of the Lambda functions.
func (a artifacts) functions() []string {
	return []string{a.function("discover-users"), a.function("sync-user"), a.function("summarize-run")}
}

// check returns an error that names every artifact that is missing, or one that
// is older than its sources.
func (a artifacts) check() error {
	var missing []string
	for _, path := range append([]string{
		a.python(), a.motoLauncher(), a.sftpgo(), filepath.Join(a.resources(), "templates"), a.cdk(), a.cdkApp(),
	}, a.functions()...) {
		if _, err := os.Stat(path); err != nil {
			missing = append(missing, a.relative(path))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("not built yet: %s: run `make setup`", strings.Join(missing, ", "))
	}
	return a.checkUpToDate()
}

// checkUpToDate returns an error if a source is newer than what was built from
// it: tests would run against another program.
func (a artifacts) checkUpToDate() error {
	for _, target := range []struct{ built, sources []string }{
		{a.functions(), []string{"functions", "shared", "go.mod", "go.sum"}},
		{[]string{a.cdkApp()}, []string{"infra", "statemachine/definition.go", "statemachine/sync-users.asl.json", "go.mod", "go.sum"}},
	} {
		source, changed, err := a.newest(target.sources)
		if err != nil {
			return err
		}
		for _, path := range target.built {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			if info.ModTime().Before(changed) {
				return fmt.Errorf("%s is older than %s: run `make setup`", a.relative(path), source)
			}
		}
	}
	return nil
}

// newest returns the source that was changed last, of the files given and the
// Go files in the folders given; tests are no sources.
func (a artifacts) newest(sources []string) (name string, changed time.Time, err error) {
	for _, source := range sources {
		err := filepath.WalkDir(a.path(source), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && entry.Name() == "node_modules":
				return fs.SkipDir
			case entry.IsDir(), path != a.path(source) && (!strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go")):
				return nil
			}
			info, err := entry.Info()
			if err == nil && info.ModTime().After(changed) {
				name, changed = a.relative(path), info.ModTime()
			}
			return err
		})
		if err != nil {
			return "", time.Time{}, err
		}
	}
	return name, changed, nil
}

func (a artifacts) relative(path string) string {
	return strings.TrimPrefix(path, a.root+string(filepath.Separator))
}

// Root returns the project's root: the working folder or one above it.
func Root() (string, error) {
	wd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	return findRoot(wd)
}

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
