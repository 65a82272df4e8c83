package local

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheckNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := built{root: t.TempDir()}
	require.NoError(t, os.MkdirAll(filepath.Dir(b.cdk()), 0o755))
	require.NoError(t, os.WriteFile(b.cdk(), nil, 0o755))

	err := b.check()

	require.Error(t, err)
	assert.Contains(t, err.Error(), filepath.Join(".build", "venv", "bin", "python"))
	assert.Contains(t, err.Error(), "make setup")
	assert.NotContains(t, err.Error(), "node_modules")
}

func TestFindRoot(t *testing.T) {
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
