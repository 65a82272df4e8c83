package local

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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
func (a artifacts) sftpgo() string { return a.path(".build", "sftpgo", "sftpgo") }
func (a artifacts) cdk() string    { return a.path("infra", "node_modules", ".bin", "cdk") }
func (a artifacts) cdkApp() string { return a.path(".build", "bin", "infra") }

// codeRoot is the folder with the .build/lambda in which the CDK app finds the
// functions: the root, or the builds for this machine if it doesn't run Linux.
func (a artifacts) codeRoot() string {
	if runtime.GOOS == "linux" {
		return a.root
	}
	return a.path(".build", runtime.GOOS)
}

// check returns an error if something is missing or older than its sources: tests
// would run against another program.
func (a artifacts) check() error {
	question := exec.Command("make", "--question", "--no-print-directory", "--directory", a.root, "laptop-parts")
	question.Env = append(os.Environ(), "MAKEFLAGS=") // not those of the make that may run this
	if output, err := question.CombinedOutput(); err != nil {
		return fmt.Errorf("what the laptop cloud consists of is not built, or changed since: run `make setup`\n%s", output)
	}
	return nil
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
