package deployment

import (
	"bytes"
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

// Builds of the same source are equal wherever they are built, so that a deploy
// without a change changes nothing.
func TestBuildsAreReproducible(t *testing.T) {
	root, err := local.Root()
	require.NoError(t, err)
	elsewhere := t.TempDir()
	build := exec.Command("make", "-s", "build", "BUILD="+elsewhere, "GOARCH="+runtime.GOARCH)
	build.Dir = root
	build.Env = append(os.Environ(), "MAKEFLAGS=")
	var output bytes.Buffer
	build.Stdout, build.Stderr = &output, &output
	process, err := childproc.Start(build)
	require.NoError(t, err)
	<-process.Done()
	require.NoError(t, process.Err(), output.String())

	for _, function := range []string{"discover-users", "sync-user", "summarize-run"} {
		path := filepath.Join("lambda", runtime.GOARCH, function, "bootstrap")
		here, err := os.ReadFile(filepath.Join(root, ".build", path))
		require.NoError(t, err)
		there, err := os.ReadFile(filepath.Join(elsewhere, path))
		require.NoError(t, err)
		assert.True(t, string(here) == string(there), function)
	}
}
