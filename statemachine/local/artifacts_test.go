package local

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheckAsksMake(t *testing.T) {
	t.Parallel()
	a := artifacts{root: t.TempDir()}
	makefile := "laptop-parts: built\nbuilt: source\n\ttouch built\n"
	require.NoError(t, os.WriteFile(a.path("Makefile"), []byte(makefile), 0o600))
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, file := range []string{"source", "built"} {
		require.ErrorContains(t, a.check(), "run `make setup`", "%s is missing", file)
		require.NoError(t, os.WriteFile(a.path(file), nil, 0o600))
		require.NoError(t, os.Chtimes(a.path(file), noon, noon))
	}
	require.NoError(t, a.check())

	require.NoError(t, os.Chtimes(a.path("source"), noon, noon.Add(time.Hour)))

	require.ErrorContains(t, a.check(), "run `make setup`")
}

func TestFindRootLooksUpwards(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "cdk.json"), nil, 0o600))
	below := filepath.Join(root, "a", "b")
	require.NoError(t, os.MkdirAll(below, 0o755))

	got, err := findRoot(below)

	require.NoError(t, err)
	assert.Equal(t, root, got)
	_, err = findRoot(filepath.Dir(root))
	assert.ErrorContains(t, err, "cdk.json")
}
