package local

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheckNamesMissingArtifacts(t *testing.T) {
	t.Parallel()
	a := artifacts{root: t.TempDir()}
	require.NoError(t, os.MkdirAll(filepath.Dir(a.cdk()), 0o755))
	require.NoError(t, os.WriteFile(a.cdk(), nil, 0o755))

	err := a.check()

	require.Error(t, err)
	assert.Contains(t, err.Error(), filepath.Join(".build", "venv", "bin", "python"))
	assert.Contains(t, err.Error(), "make setup")
	assert.NotContains(t, err.Error(), "node_modules")
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
