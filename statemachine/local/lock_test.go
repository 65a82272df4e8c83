package local

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLockOwner(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "laptop")

	pid, err := lockOwner(folder)
	require.NoError(t, err)
	assert.Zero(t, pid, "it was never locked")

	lock, err := lockFolder(folder)
	require.NoError(t, err)
	pid, err = lockOwner(folder)
	require.NoError(t, err)
	assert.Equal(t, os.Getpid(), pid)
	_, err = lockFolder(folder)
	assert.ErrorContains(t, err, "in use")

	require.NoError(t, lock.Close())
	pid, err = lockOwner(folder)
	require.NoError(t, err)
	assert.Zero(t, pid, "it is unlocked")
}

func TestFindReadsWhatWasWritten(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	_, err := Find(root, "laptop")
	require.ErrorIs(t, err, ErrNotUp)

	folder := cloudFolder(root, "laptop")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	lock, err := lockFolder(folder)
	require.NoError(t, err)
	defer lock.Close()
	_, err = Find(root, "laptop")
	require.ErrorIs(t, err, ErrNotUp, "it is starting")

	want := &Addresses{Endpoint: "http://127.0.0.1:1", Systems: []string{SyncUsers}, SFTPPort: 2,
		Deployments: map[string]*Deployment{SyncUsers: {Outputs: Outputs{TopicArn: "arn"}}}}
	want.Deployment = want.Deployments[SyncUsers]
	require.NoError(t, want.write(folder))
	got, err := Find(root, "laptop")
	require.NoError(t, err)
	assert.Equal(t, want, got)
	info, err := os.Stat(addressesFile(folder))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "it holds a password")
}
