package sftpgo

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOnlyEmptyDirectoriesOfFoldersAreDeleted(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "folders")
	ours, used, theirs := filepath.Join(root, "ours"), filepath.Join(root, "used"), filepath.Join(root, "theirs")
	for _, path := range []string{ours, filepath.Join(used, "file"), theirs} {
		require.NoError(t, os.MkdirAll(path, 0o755))
	}
	post := Route{"POST", "/api/v2/folders"}
	var p Proxy
	p.noteDirectory(post, []byte(`{"name":"a","mapped_path":"`+ours+`"}`))
	p.noteDirectory(post, []byte(`{"name":"b","mapped_path":"`+used+`"}`))
	p.noteDirectory(post, []byte(`not JSON`))
	p.noteDirectory(Route{"POST", "/api/v2/users"}, []byte(`{"mapped_path":"`+theirs+`"}`))

	p.deleteEmptyDirectories()

	assert.NoDirExists(t, ours)
	assert.DirExists(t, used)
	assert.DirExists(t, theirs)
}
