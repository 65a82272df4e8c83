package accounttest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
)

func TestServerFollowsTheRulesOfSFTPGo(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer("alice")
	a, b := account.Folder{Name: "a", Path: "/a"}, account.Folder{Name: "b", Path: "/a/b"}
	put := func(folders ...account.Folder) error {
		return s.PutAccount(account.Account{Username: "alice", Folders: folders}, false)
	}

	require.ErrorContains(t, put(a), `no folder "a"`)
	require.ErrorIs(t, s.PutFolder(a), account.ErrNoFolder)
	require.NoError(t, s.PostFolder(a))
	require.NoError(t, s.PostFolder(b))
	require.ErrorIs(t, s.PostFolder(a), account.ErrFolderExists)
	require.ErrorContains(t, put(a, b), "overlaps")
	require.ErrorContains(t, put(a, a), "mapped twice")
	require.NoError(t, put(a))
	read, err := s.Account(t.Context(), "alice")
	require.NoError(t, err)
	assert.Empty(t, read.Permissions, "PUT replaces what is absent")

	require.NoError(t, s.DeleteFolder(t.Context(), "a"))
	require.ErrorIs(t, s.DeleteFolder(t.Context(), "a"), account.ErrNoFolder)
	assert.Empty(t, s.Paths("alice"), "deleting a folder unmaps it")
	assert.Equal(t, "GET users/alice", s.Calls[len(s.Calls)-3])
}
