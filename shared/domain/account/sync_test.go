package account_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/stack"
)

const email = "a.b@example.org"

// alice is the IAM user with the email and access to the buckets' stacks.
func alice(buckets ...string) run.User {
	u := run.User{Username: "alice", Email: email, Key: stack.Key(email)}
	for _, b := range buckets {
		u.Buckets = append(u.Buckets, run.Bucket{Name: b, Region: "eu-west-1"})
	}
	u.Stacks = stack.OfGroups(buckets)
	return u
}

func newSyncer(s *accounttest.Server, keys accounttest.Keys) account.Syncer {
	return account.Syncer{Accounts: s, FolderReader: s, FolderWriter: s, Keys: keys}
}

func sync(t *testing.T, s *accounttest.Server, keys accounttest.Keys, user run.User) run.Result {
	t.Helper()
	result, err := newSyncer(s, keys).Sync(t.Context(), user, false)
	require.NoError(t, err)
	return result
}

var aliceKeys = accounttest.Keys{"alice": "AKIA1"}

func TestSyncMapsBuckets(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	result := sync(t, s, aliceKeys, alice("org-dev-data", "org-dev-managed"))

	assert.Equal(t, run.Result{
		Username: "alice", Email: email, Outcome: run.Updated, Reason: "2 buckets added",
		Buckets: []string{"org-dev-data", "org-dev-managed"}, Added: []string{"org-dev-data", "org-dev-managed"},
	}, result)
	assert.Equal(t, map[string][]string{
		"/": {"list"}, "/org-dev-data": {"*"}, "/org-dev-managed": {"list", "download"},
	}, s.Accounts[email].Permissions)
	assert.Equal(t, account.Folder{
		Name: "a_b_example_org-org-dev-data", MappedPath: "/tmp/sftpgo-folders/a_b_example_org-org-dev-data",
		S3: true, Bucket: "org-dev-data", Region: "eu-west-1", AccessKeyID: "AKIA1",
	}, s.Folders["a_b_example_org-org-dev-data"])
	assert.Equal(t, []string{email}, s.FolderUsers("a_b_example_org-org-dev-data"))
	assert.Equal(t, []string{"POST folders/a_b_example_org-org-dev-data", "POST folders/a_b_example_org-org-dev-managed", "PUT users/" + email}, s.Writes())
}

func TestSyncOfUnchangedUserWritesNothing(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	sync(t, s, aliceKeys, alice("org-dev-data"))
	s.Calls = nil
	result := sync(t, s, aliceKeys, alice("org-dev-data"))
	assert.Equal(t, run.Unchanged, result.Outcome)
	assert.Equal(t, []string{"org-dev-data"}, result.Buckets)
	assert.Equal(t, []string{"GET users/" + email}, s.Calls)
}

func TestSyncSkips(t *testing.T) {
	t.Parallel()
	noEmail, noStack, noBucket := alice("org-dev-data"), alice(), alice()
	noEmail.Email = ""
	noBucket.Stacks = []string{"org-new"}
	noAccount := alice("org-dev-data")
	noAccount.Email = "nobody@example.org"
	tests := []struct {
		name string
		give run.User
		want string
	}{
		{"no Email tag", noEmail, "no Email tag"},
		{"no stack group", noStack, "no stack group"},
		{"no account", noAccount, "no SFTPGo account of that name"},
		{"a stack without buckets", noBucket, "no bucket found for org-new"},
		{"an account that nobody claims", run.User{Email: email}, "no IAM user has this Email tag"},
		{"one that does not exist any more", run.User{Email: "nobody@example.org"}, "no IAM user has this Email tag"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := accounttest.NewServer(email)
			result := sync(t, s, accounttest.Keys{}, tt.give)
			assert.Equal(t, run.Skipped, result.Outcome)
			assert.Equal(t, tt.want, result.Reason)
			assert.Empty(t, s.Writes())
		})
	}
}

func TestSyncFollowsChanges(t *testing.T) {
	t.Parallel()
	withoutProdBuckets := alice("org-dev-data")
	withoutProdBuckets.Stacks = append(withoutProdBuckets.Stacks, "org-prod")
	tests := []struct {
		name            string
		give            run.User
		keys            accounttest.Keys
		want            run.Result
		wantPaths       []string
		wantDisconnects int
	}{
		{
			name: "stack added", give: alice("org-dev-data", "org-prod-data", "org-test-data"), keys: aliceKeys,
			want:      run.Result{Outcome: run.Updated, Reason: "1 bucket added", Added: []string{"org-test-data"}},
			wantPaths: []string{"/org-dev-data", "/org-prod-data", "/org-test-data"},
		},
		{
			name: "stack removed", give: alice("org-dev-data"), keys: aliceKeys,
			want:      run.Result{Outcome: run.Updated, Reason: "1 bucket removed", Removed: []string{"org-prod-data"}},
			wantPaths: []string{"/org-dev-data"}, wantDisconnects: 1,
		},
		{
			name: "last stack removed", give: alice(), keys: accounttest.Keys{},
			want: run.Result{Outcome: run.Revoked, Reason: "no stack group any more: 2 buckets removed",
				Removed: []string{"org-dev-data", "org-prod-data"}},
			wantDisconnects: 1,
		},
		{
			name: "nobody claims the account any more", give: run.User{Email: email}, keys: accounttest.Keys{},
			want: run.Result{Outcome: run.Revoked, Reason: "no IAM user has this Email tag: 2 buckets removed",
				Removed: []string{"org-dev-data", "org-prod-data"}},
			wantDisconnects: 1,
		},
		{
			name: "access key rotated", give: alice("org-dev-data", "org-prod-data"), keys: accounttest.Keys{"alice": "AKIA2"},
			want:      run.Result{Outcome: run.Updated, Reason: "access key rotated", KeyRotated: true},
			wantPaths: []string{"/org-dev-data", "/org-prod-data"}, wantDisconnects: 1,
		},
		{
			name: "a stack without buckets removes nothing", give: withoutProdBuckets, keys: aliceKeys,
			want:      run.Result{Outcome: run.Unchanged, Reason: "everything was as it should be"},
			wantPaths: []string{"/org-dev-data", "/org-prod-data"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := accounttest.NewServer(email)
			sync(t, s, aliceKeys, alice("org-dev-data", "org-prod-data"))
			clear(s.Disconnects) // the first sync changes the permissions of /

			got := sync(t, s, tt.keys, tt.give)

			assert.Equal(t, tt.wantPaths, s.Paths(email))
			assert.Len(t, s.Folders, len(tt.wantPaths), "no other folder record exists")
			assert.Equal(t, tt.wantDisconnects, s.Disconnects[email])
			for _, f := range s.Folders {
				if id, ok := tt.keys["alice"]; ok {
					assert.Equal(t, id, f.AccessKeyID)
				}
			}
			got.Username, got.Email, got.Buckets = "", "", nil
			assert.Equal(t, tt.want, got)
			assert.Len(t, s.Accounts[email].Permissions, len(tt.wantPaths)+1, "/ and one entry for each folder")
		})
	}
}

func TestSyncKeepsUnmanagedFoldersAndPermissions(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	archive := account.Folder{Name: "a_b_example_org-archive", Path: "/archive", MappedPath: "/srv/archive"}
	lookalike := account.Folder{Name: "a_b_example_org-org-old-data", Path: "/org-old-data", S3: true, Bucket: "org-old-data", MappedPath: "/srv/old"}
	s.MapFolder(email, archive)
	s.MapFolder(email, lookalike)
	s.Accounts[email].Permissions["/archive"] = []string{"list"}
	s.Accounts[email].Permissions["/org-old-data"] = []string{"*"}
	s.Accounts[email].Permissions["/org-dev-data/sub"] = []string{"list"}

	sync(t, s, aliceKeys, alice("org-dev-data"))
	sync(t, s, aliceKeys, alice())

	assert.Equal(t, []string{"/archive", "/org-old-data"}, s.Paths(email))
	assert.Equal(t, map[string][]string{
		"/": {"list"}, "/archive": {"list"}, "/org-old-data": {"*"}, "/org-dev-data/sub": {"list"},
	}, s.Accounts[email].Permissions)
}

func TestSyncReportsConflicts(t *testing.T) {
	t.Parallel()
	const name = "a_b_example_org-org-dev-data"
	owned := account.Folder{Name: name, S3: true, Bucket: "org-dev-data", MappedPath: "/tmp/sftpgo-folders/" + name}
	tests := []struct {
		name string
		give func(*accounttest.Server)
		want string
	}{
		{"a folder at the path", func(s *accounttest.Server) {
			s.MapFolder(email, account.Folder{Name: "own", Path: "/org-dev-data", MappedPath: "/srv/own"})
		}, `the folder "own", which sync-users did not create, is mapped at /org-dev-data`},
		{"a folder below the path", func(s *accounttest.Server) {
			s.MapFolder(email, account.Folder{Name: "own", Path: "/org-dev-data/own", MappedPath: "/srv/own"})
		}, `is mapped at /org-dev-data/own`},
		{"a folder of that name that is mapped for another account", func(s *accounttest.Server) {
			f := owned
			f.Path = "/x"
			s.MapFolder("other@example.org", f)
		}, `linked to the account "other@example.org"`},
		{"a folder of that name that is mapped for a group", func(s *accounttest.Server) {
			f := owned
			f.Groups = []string{"staff"}
			s.Folders[name] = f
		}, `linked to the group "staff"`},
		{"an unmanaged folder of that name", func(s *accounttest.Server) {
			s.Folders[name] = account.Folder{Name: name, MappedPath: "/srv/own"}
		}, "which sync-users did not create"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := accounttest.NewServer(email, "other@example.org")
			tt.give(s)
			before, usersBefore := s.Folders[name], s.FolderUsers(name)
			_, err := newSyncer(s, aliceKeys).Sync(t.Context(), alice("org-dev-data", "org-dev-more"), false)
			require.ErrorContains(t, err, tt.want)
			assert.Equal(t, errkind.Conflict, errkind.Of(err))
			assert.Equal(t, before, s.Folders[name], "the folder is unchanged")
			assert.Equal(t, usersBefore, s.FolderUsers(name))
			assert.Contains(t, s.Paths(email), "/org-dev-more", "other buckets are mapped nevertheless")
		})
	}
}

func TestSyncOfSharedEmailTagOnlyRemoves(t *testing.T) {
	t.Parallel()
	shared := func(stacks ...string) *run.Access {
		claimants := alice(stacks...)
		return &run.Access{Stacks: claimants.Stacks, Buckets: claimants.Buckets}
	}
	tests := []struct {
		name      string
		shared    *run.Access
		wantPaths []string
		wantText  string
	}{
		{"what none should have", shared("org-dev-data", "org-test-data"), []string{"/org-dev-data"}, "removed nevertheless: org-prod-data"},
		{"everything, as none should have any", shared(), nil, "removed nevertheless: org-dev-data, org-prod-data"},
		{"nothing, as another should have it", shared("org-dev-data", "org-prod-data"), []string{"/org-dev-data", "/org-prod-data"}, ""},
		{"nothing, as a run that an earlier version started can't tell", nil, []string{"/org-dev-data", "/org-prod-data"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := accounttest.NewServer(email)
			sync(t, s, aliceKeys, alice("org-dev-data", "org-prod-data"))
			user := alice("org-dev-data")
			user.SharedWith, user.Shared = []string{"alicia"}, tt.shared

			_, err := newSyncer(s, aliceKeys).Sync(t.Context(), user, true)
			require.ErrorContains(t, err, "also that of alicia")
			assert.Equal(t, []string{"/org-dev-data", "/org-prod-data"}, s.Paths(email), "a dry run removes nothing")

			_, err = newSyncer(s, aliceKeys).Sync(t.Context(), user, false)
			require.ErrorContains(t, err, "also that of alicia")
			require.ErrorContains(t, err, tt.wantText)
			assert.Equal(t, errkind.Conflict, errkind.Of(err))
			assert.Equal(t, tt.wantPaths, s.Paths(email))
			assert.Len(t, s.Folders, len(tt.wantPaths))

			s.Calls = nil
			_, err = newSyncer(s, aliceKeys).Sync(t.Context(), user, false)
			require.ErrorContains(t, err, "also that of alicia")
			assert.Empty(t, s.Writes(), "the other user finds it done")
		})
	}
}

func TestSyncOfSharedEmailTagWithoutAccount(t *testing.T) {
	t.Parallel()
	user := alice("org-dev-data")
	user.SharedWith = []string{"alicia"}
	_, err := newSyncer(accounttest.NewServer(), aliceKeys).Sync(t.Context(), user, false)
	require.ErrorContains(t, err, "also that of alicia")
	assert.Equal(t, errkind.Conflict, errkind.Of(err))
}

func TestSyncReplacesKeyByUniqueKey(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	sync(t, s, aliceKeys, alice("org-dev-data"))
	user := alice("org-dev-data")
	user.Key = stack.UniqueKey(email)

	result := sync(t, s, aliceKeys, user)

	assert.Equal(t, []string{"/org-dev-data"}, s.Paths(email))
	assert.Len(t, s.Folders, 1)
	assert.Contains(t, s.Folders, stack.FolderName(user.Key, "org-dev-data"))
	assert.Equal(t, "settings corrected", result.Reason, "no bucket was added or removed")
	assert.Equal(t, []string{"*"}, s.Accounts[email].Permissions["/org-dev-data"])
}

func TestSyncKeepsRecordOfFolderMappedTwice(t *testing.T) {
	t.Parallel()
	const other = "a_b@example.org"
	s := accounttest.NewServer(email, other)
	sync(t, s, aliceKeys, alice("org-dev-data"))
	shared := s.Folders["a_b_example_org-org-dev-data"]
	shared.Path = "/org-dev-data"
	s.MapFolder(other, shared)
	user := alice("org-dev-data")
	user.Key = stack.UniqueKey(email)

	sync(t, s, aliceKeys, user)

	assert.Equal(t, []string{other}, s.FolderUsers("a_b_example_org-org-dev-data"))
	assert.Equal(t, []string{"/org-dev-data"}, s.Paths(other))
}

func TestSyncWithoutKeysOnlyRemoves(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	sync(t, s, aliceKeys, alice("org-dev-data", "org-prod-data"))
	s.Calls = nil

	_, err := newSyncer(s, accounttest.Keys{}).Sync(t.Context(), alice("org-dev-data", "org-prod-data"), false)
	require.Error(t, err)
	assert.Equal(t, errkind.KeysMissing, errkind.Of(err))
	assert.Empty(t, s.Writes(), "the account keeps its folders")

	_, err = newSyncer(s, accounttest.Keys{}).Sync(t.Context(), alice("org-dev-data"), true)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "removed nevertheless", "a dry run removes nothing")

	_, err = newSyncer(s, accounttest.Keys{}).Sync(t.Context(), alice("org-dev-data"), false)
	require.ErrorContains(t, err, "removed nevertheless: org-prod-data")
	assert.Equal(t, errkind.KeysMissing, errkind.Of(err))
	assert.Equal(t, []string{"/org-dev-data"}, s.Paths(email))
}

// unreadableKeys is a key store that returns an error of that kind.
type unreadableKeys errkind.Kind

func (k unreadableKeys) Keys(context.Context, string) (account.Keys, error) {
	return account.Keys{}, errkind.Errorf(errkind.Kind(k), "no keys")
}

func TestSyncWithUnreadableKeys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		give      errkind.Kind
		wantPaths []string
	}{
		{errkind.AccessDenied, []string{"/org-dev-data"}},
		{errkind.Unavailable, []string{"/org-dev-data", "/org-prod-data"}}, // the next attempt removes, and tells of it
	}
	for _, tt := range tests {
		t.Run(string(tt.give), func(t *testing.T) {
			t.Parallel()
			s := accounttest.NewServer(email)
			sync(t, s, aliceKeys, alice("org-dev-data", "org-prod-data"))
			syncer := newSyncer(s, nil)
			syncer.Keys = unreadableKeys(tt.give)
			_, err := syncer.Sync(t.Context(), alice("org-dev-data"), false)
			require.ErrorContains(t, err, "read the keys of alice: no keys")
			assert.Equal(t, tt.give, errkind.Of(err))
			assert.Equal(t, tt.wantPaths, s.Paths(email))
		})
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	result, err := newSyncer(s, aliceKeys).Sync(t.Context(), alice("org-dev-data"), true)
	require.NoError(t, err)
	assert.Equal(t, run.Updated, result.Outcome)
	assert.Equal(t, []string{"org-dev-data"}, result.Added)
	assert.Empty(t, s.Writes())
}

// A sync may be interrupted at any call. The next run must reach the same state as
// an uninterrupted one.
func TestSyncCompletesInterruptedSync(t *testing.T) {
	t.Parallel()
	user := alice("org-dev-data", "org-test-data")
	for completed := range 12 {
		s := accounttest.NewServer(email)
		sync(t, s, aliceKeys, alice("org-dev-data", "org-prod-data"))
		calls := 0
		s.Fault = func(string) error {
			if calls++; calls > completed {
				return errkind.Errorf(errkind.Unavailable, "down")
			}
			return nil
		}
		_, _ = newSyncer(s, accounttest.Keys{"alice": "AKIA2"}).Sync(t.Context(), user, false)
		s.Fault = nil

		sync(t, s, accounttest.Keys{"alice": "AKIA2"}, user)
		deleteLeftovers(t, s)

		assert.Equal(t, []string{"/org-dev-data", "/org-test-data"}, s.Paths(email), "interrupted after %d calls", completed)
		assert.Len(t, s.Folders, 2, "interrupted after %d calls", completed)
		assert.Equal(t, map[string][]string{"/": {"list"}, "/org-dev-data": {"*"}, "/org-test-data": {"*"}},
			s.Accounts[email].Permissions, "interrupted after %d calls", completed)
		for _, f := range s.Folders {
			assert.Equal(t, "AKIA2", f.AccessKeyID, "interrupted after %d calls", completed)
		}
	}
}
