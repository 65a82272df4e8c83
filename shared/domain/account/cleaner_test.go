package account_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

func newCleaner(s *accounttest.Server) account.Cleaner {
	return account.Cleaner{Lister: s, Reader: s, Writer: s}
}

func deleteLeftovers(t *testing.T, s *accounttest.Server) {
	t.Helper()
	_, err := newCleaner(s).DeleteLeftovers(t.Context(), false)
	require.NoError(t, err)
}

// failCalls makes the server refuse the calls with that prefix.
func failCalls(s *accounttest.Server, prefix string, kind errkind.Kind) {
	s.Fault = func(call string) error {
		if strings.HasPrefix(call, prefix) {
			return errkind.Errorf(kind, "%s: refused", call)
		}
		return nil
	}
}

func TestSyncRevokesBeforeItDeletesAndGrants(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give run.User
		want []string
	}{
		{"only a loss", alice("org-dev-data"), []string{"PUT users/" + email, "DELETE folders/a_b_example_org-org-prod-data"}},
		{"a loss and a gain", alice("org-dev-data", "org-test-data"), []string{
			"PUT users/" + email, "DELETE folders/a_b_example_org-org-prod-data",
			"POST folders/a_b_example_org-org-test-data", "PUT users/" + email,
		}},
		{"only a gain", alice("org-dev-data", "org-prod-data", "org-test-data"), []string{
			"POST folders/a_b_example_org-org-test-data", "PUT users/" + email,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := accounttest.NewServer(email)
			sync(t, s, aliceKeys, alice("org-dev-data", "org-prod-data"))
			s.Calls = nil
			sync(t, s, aliceKeys, tt.give)
			assert.Equal(t, tt.want, s.Writes())
		})
	}
}

func TestSyncThatCantRevokeGrantsNothing(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	sync(t, s, aliceKeys, alice("org-dev-data"))
	s.Calls = nil
	failCalls(s, "PUT users/", errkind.AccessDenied)
	_, err := newSyncer(s, aliceKeys).Sync(t.Context(), alice("org-test-data"), false)
	require.ErrorContains(t, err, "write the SFTPGo account, before any of its folders")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	assert.Equal(t, []string{"PUT users/" + email}, s.Writes())
	assert.Len(t, s.Folders, 1)
}

// Access ends although the record can't be deleted, and the record goes, whatever
// happens to the account meanwhile.
func TestLeftoversAreDeletedWhateverHappenedToTheAccount(t *testing.T) {
	t.Parallel()
	cantDelete := func(t *testing.T, s *accounttest.Server) {
		sync(t, s, aliceKeys, alice("org-dev-data"))
		failCalls(s, "DELETE", errkind.Unavailable)
		result := sync(t, s, aliceKeys, alice())
		assert.Equal(t, run.Revoked, result.Outcome)
		assert.Equal(t, []string{"org-dev-data"}, result.Removed)
	}
	cantMap := func(t *testing.T, s *accounttest.Server) {
		failCalls(s, "PUT users/", errkind.AccessDenied)
		_, err := newSyncer(s, aliceKeys).Sync(t.Context(), alice("org-dev-data"), false)
		require.Error(t, err)
	}
	meanwhile := map[string]func(s *accounttest.Server){
		"nothing": func(*accounttest.Server) {},
		"the account is in a group": func(s *accounttest.Server) {
			a := s.Accounts[email]
			a.Groups = []string{"staff"}
			s.Accounts[email] = a
		},
		"an administrator changed the path's permissions": func(s *accounttest.Server) {
			s.Accounts[email].Permissions["/org-dev-data"] = []string{"list", "upload"}
		},
		"the account was deleted": func(s *accounttest.Server) { delete(s.Accounts, email) },
	}
	for cause, fail := range map[string]func(*testing.T, *accounttest.Server){"not deleted": cantDelete, "not mapped": cantMap} {
		for name, happen := range meanwhile {
			t.Run(cause+", "+name, func(t *testing.T) {
				t.Parallel()
				s := accounttest.NewServer(email)
				fail(t, s)
				assert.Empty(t, s.Paths(email))
				require.Contains(t, s.Folders, devFolder)
				s.Fault = nil
				happen(s)
				before := s.Accounts[email].Permissions

				sync(t, s, aliceKeys, alice())
				deleteLeftovers(t, s)

				assert.Empty(t, s.Folders)
				assert.Equal(t, before, s.Accounts[email].Permissions)
			})
		}
	}
}

func TestDeleteLeftoversKeepsEverythingElse(t *testing.T) {
	t.Parallel()
	const leftover = "bob_example_org-org-dev-data"
	ours := account.Folder{Name: leftover, MappedPath: "/tmp/sftpgo-folders/" + leftover, S3: true, Bucket: "org-dev-data"}
	s := accounttest.NewServer(email)
	sync(t, s, aliceKeys, alice("org-dev-data"))
	add := func(change func(*account.Folder)) {
		folder := ours
		change(&folder)
		s.Folders[folder.Name] = folder
	}
	add(func(f *account.Folder) { f.Name = "by-hand"; f.MappedPath = "/tmp/sftpgo-folders/by-hand" })
	add(func(f *account.Folder) { f.Name = "x_org-org-dev-data"; f.MappedPath = "/srv/x" })
	add(func(f *account.Folder) {
		f.Name = "y_org-org-dev-data"
		f.MappedPath = "/tmp/sftpgo-folders/y_org-org-dev-data"
		f.S3 = false
	})
	add(func(f *account.Folder) {
		f.Name = "z_org-website"
		f.MappedPath, f.Bucket = "/tmp/sftpgo-folders/z_org-website", "website"
	})
	add(func(f *account.Folder) {
		f.Name = "g_org-org-dev-data"
		f.MappedPath, f.Groups = "/tmp/sftpgo-folders/g_org-org-dev-data", []string{"staff"}
	})
	kept := slices.Collect(maps.Keys(s.Folders))
	s.Folders[leftover] = ours

	names, err := newCleaner(s).DeleteLeftovers(t.Context(), true)
	require.NoError(t, err)
	assert.Equal(t, []string{leftover}, names)
	assert.Contains(t, s.Folders, leftover, "a dry run deletes nothing")

	names, err = newCleaner(s).DeleteLeftovers(t.Context(), false)
	require.NoError(t, err)
	assert.Equal(t, []string{leftover}, names)
	assert.ElementsMatch(t, kept, slices.Collect(maps.Keys(s.Folders)))
}

// A folder that somebody got after it was listed stays.
func TestDeleteLeftoversReadsEachFolderAgain(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	sync(t, s, aliceKeys, alice("org-dev-data"))
	mapped := s.Accounts[email]
	unmapped := mapped
	unmapped.Folders = nil
	s.Accounts[email] = unmapped
	s.Fault = func(call string) error {
		if strings.HasPrefix(call, "GET folders/") {
			s.Accounts[email] = mapped
		}
		return nil
	}
	deleteLeftovers(t, s)
	assert.Contains(t, s.Folders, devFolder)
}

func TestDeleteLeftoversReturnsErrors(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	failCalls(s, "PUT users/", errkind.AccessDenied)
	_, err := newSyncer(s, aliceKeys).Sync(t.Context(), alice("org-dev-data", "org-prod-data"), false)
	require.Error(t, err)
	require.Len(t, s.Folders, 2)

	failCalls(s, "GET folders", errkind.AccessDenied)
	_, err = newCleaner(s).DeleteLeftovers(t.Context(), false)
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))

	failCalls(s, "DELETE folders/"+devFolder, errkind.Unavailable)
	_, err = newCleaner(s).DeleteLeftovers(t.Context(), false)
	require.ErrorContains(t, err, "delete folder "+devFolder)
	assert.Equal(t, errkind.Unavailable, errkind.Of(err))
	assert.Len(t, s.Folders, 1, "the other one is deleted nevertheless")
}
