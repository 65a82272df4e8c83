package account_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// statuses returns the status of each path in a preview.
func statuses(t *testing.T, s *accounttest.Server, keys accounttest.Keys, user run.User) map[string]syncuser.PathStatus {
	t.Helper()
	have, plan, err := newSyncer(s, keys).Preview(t.Context(), user)
	require.NoError(t, err)
	statuses := map[string]syncuser.PathStatus{}
	for _, path := range plan.Paths(have) {
		statuses[path.Path] = path.Status
	}
	return statuses
}

func TestPathsHaveStatuses(t *testing.T) {
	t.Parallel()
	const email = "alice@x.org"
	s := accounttest.NewServer(email)
	s.MapFolder(email, account.Folder{Name: "homework", Path: "/homework"})
	keys := accounttest.Keys{"alice": "AKIA1"}
	alice := func(buckets ...string) run.User {
		user := run.User{Username: "alice", Email: email, Key: "alice_x_org", Stacks: []string{"org-dev"}}
		for _, name := range buckets {
			user.Buckets = append(user.Buckets, run.Bucket{Name: name, Region: "us-east-1"})
		}
		return user
	}
	assert.Equal(t, map[string]syncuser.PathStatus{
		"/": syncuser.PermissionsDiffer, "/homework": syncuser.Unmanaged, "/org-dev-a": syncuser.Missing, "/org-dev-b": syncuser.Missing,
	}, statuses(t, s, keys, alice("org-dev-a", "org-dev-b")))
	assert.Empty(t, s.Writes())

	sync(t, s, keys, alice("org-dev-a", "org-dev-b"))
	assert.Equal(t, map[string]syncuser.PathStatus{
		"/": syncuser.InSync, "/homework": syncuser.Unmanaged, "/org-dev-a": syncuser.InSync, "/org-dev-b": syncuser.InSync,
	}, statuses(t, s, keys, alice("org-dev-a", "org-dev-b")))

	s.Accounts[email].Permissions["/org-dev-a"] = []string{"list"}
	keys["alice"] = "AKIA2"
	assert.Equal(t, map[string]syncuser.PathStatus{
		"/": syncuser.InSync, "/homework": syncuser.Unmanaged, "/org-dev-a": syncuser.KeyDiffers, "/org-dev-b": syncuser.Extra,
	}, statuses(t, s, keys, alice("org-dev-a")))

	keys["alice"] = "AKIA1"
	assert.Equal(t, syncuser.PermissionsDiffer, statuses(t, s, keys, alice("org-dev-a"))["/org-dev-a"])
}

func TestPreviewReturnsErrNoAccount(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer()
	_, _, err := account.Syncer{Accounts: s}.Preview(t.Context(), run.User{Email: "nobody@x.org"})
	assert.ErrorIs(t, err, account.ErrNoAccount)
}
