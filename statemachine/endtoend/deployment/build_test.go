package deployment

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/childproc"
)

var functions = []string{"discover-users", "sync-user", "summarize-run"}

// Builds of the same source are equal wherever they are built, so that a deploy
// without a change changes nothing.
func TestBuildsAreReproducible(t *testing.T) {
	root, elsewhere := projectRoot(t), t.TempDir()
	require.NoError(t, runCommand("make", "-s", "-C", root, "build", "BUILD="+elsewhere, "GOARCH="+runtime.GOARCH))

	for _, function := range functions {
		path := filepath.Join("lambda", runtime.GOARCH, function, "bootstrap")
		here, err := os.ReadFile(filepath.Join(root, ".build", path))
		require.NoError(t, err)
		there, err := os.ReadFile(filepath.Join(elsewhere, path))
		require.NoError(t, err)
		assert.True(t, string(here) == string(there), function)
	}
}

// buildVersion checks out the project as it was at a commit, has make build what
// is deployed, and returns its root. Both are kept in .build/versions for the
// next time.
func buildVersion(t *testing.T, commit string) (string, error) {
	t.Helper()
	root := filepath.Join(projectRoot(t), ".build", "versions", commit)
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		if err := checkOut(projectRoot(t), commit, root); err != nil {
			return "", err
		}
	}
	build := []string{"-s", "-C", root, ".build/bin/infra"}
	lambda := ".build/lambda/" + runtime.GOARCH
	if runtime.GOOS != "linux" {
		lambda = ".build/" + runtime.GOOS + "/" + lambda
	}
	for _, function := range functions {
		build = append(build, lambda+"/"+function+"/bootstrap")
	}
	return root, runCommand("make", build...)
}

// checkOut writes the commit's files into a folder, which exists only when all
// of them are written.
func checkOut(project, commit, folder string) error {
	partial := folder + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	defer os.RemoveAll(partial)
	if err := runCommand("git", "clone", "--quiet", "--shared", "--no-checkout", project, partial); err != nil {
		return fmt.Errorf("version %s comes from the project's history, which only a clone made with git has: %w", commit, err)
	}
	if err := runCommand("git", "-C", partial, "checkout", "--quiet", "--detach", commit); err != nil {
		return fmt.Errorf("version %s is not in this clone: run `git fetch --unshallow`: %w", commit, err)
	}
	return os.Rename(partial, folder)
}

// runCommand runs a command without the flags of a make that runs the tests. The
// command ends with the tests if they are interrupted.
func runCommand(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "MAKEFLAGS=")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	process, err := childproc.Start(cmd)
	if err != nil {
		return err
	}
	<-process.Done()
	if err := process.Err(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, &output)
	}
	return nil
}

func projectRoot(t *testing.T) string {
	t.Helper()
	root, err := local.Root()
	require.NoError(t, err)
	return root
}
