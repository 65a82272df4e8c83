package account_test

import (
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

// person is alice, in the stacks that the buckets belong to.
func person(buckets ...string) run.User {
	u := run.User{Username: "alice", Email: email, Key: stack.Key(email)}
	for _, b := range buckets {
		u.Buckets = append(u.Buckets, run.Bucket{Name: b, Region: "eu-west-1"})
	}
	u.Stacks = stack.OfGroups(buckets)
	return u
}

func syncer(s *accounttest.Server, keys accounttest.Keys) account.Syncer {
	return account.Syncer{Accounts: s, FolderReader: s, FolderWriter: s, Keys: keys}
}

func sync(t *testing.T, s *accounttest.Server, keys accounttest.Keys, user run.User) run.Result {
	t.Helper()
	result, err := syncer(s, keys).Sync(t.Context(), user, false)
	require.NoError(t, err)
	return result
}

var aliceKeys = accounttest.Keys{"alice": "AKIA1"}

func TestFirstSync(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	result := sync(t, s, aliceKeys, person("org-dev-data", "org-dev-managed"))

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

func TestSecondSyncWritesNothing(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	sync(t, s, aliceKeys, person("org-dev-data"))
	s.Calls = nil
	result := sync(t, s, aliceKeys, person("org-dev-data"))
	assert.Equal(t, run.Unchanged, result.Outcome)
	assert.Equal(t, []string{"org-dev-data"}, result.Buckets)
	assert.Empty(t, s.Writes())
}

func TestSkips(t *testing.T) {
	t.Parallel()
	noEmail, noStack, unseen := person("org-dev-data"), person(), person()
	noEmail.Email = ""
	unseen.Stacks = []string{"org-new"}
	stranger := person("org-dev-data")
	stranger.Email = "nobody@example.org"
	tests := []struct {
		name string
		give run.User
		want string
	}{
		{"no Email tag", noEmail, "no Email tag"},
		{"no stack group", noStack, "no stack group"},
		{"no account", stranger, "no SFTPGo account of that name"},
		{"a stack without buckets", unseen, "no bucket of org-new was seen"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := accounttest.NewServer(email)
			result := sync(t, s, accounttest.Keys{}, tt.give) // a skip needs no keys
			assert.Equal(t, run.Skipped, result.Outcome)
			assert.Equal(t, tt.want, result.Reason)
			assert.Empty(t, s.Writes())
		})
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	emptied := person("org-dev-data")
	emptied.Stacks = append(emptied.Stacks, "org-prod")
	tests := []struct {
		name            string
		give            run.User
		keys            accounttest.Keys
		want            run.Result
		wantPaths       []string
		wantDisconnects int
	}{
		{
			name: "a stack joined", give: person("org-dev-data", "org-prod-data", "org-test-data"), keys: aliceKeys,
			want:      run.Result{Outcome: run.Updated, Reason: "1 bucket added", Added: []string{"org-test-data"}},
			wantPaths: []string{"/org-dev-data", "/org-prod-data", "/org-test-data"},
		},
		{
			name: "a stack left", give: person("org-dev-data"), keys: aliceKeys,
			want:      run.Result{Outcome: run.Updated, Reason: "1 bucket removed", Removed: []string{"org-prod-data"}},
			wantPaths: []string{"/org-dev-data"}, wantDisconnects: 1,
		},
		{
			name: "the last stack left", give: person(), keys: accounttest.Keys{},
			want: run.Result{Outcome: run.Revoked, Reason: "no stack group any more: 2 buckets removed",
				Removed: []string{"org-dev-data", "org-prod-data"}},
			wantDisconnects: 1,
		},
		{
			name: "a key rotated", give: person("org-dev-data", "org-prod-data"), keys: accounttest.Keys{"alice": "AKIA2"},
			want:      run.Result{Outcome: run.Updated, Reason: "access key rotated", KeyRotated: true},
			wantPaths: []string{"/org-dev-data", "/org-prod-data"}, wantDisconnects: 1,
		},
		{
			name: "a stack without any bucket takes nothing away", give: emptied, keys: aliceKeys,
			want:      run.Result{Outcome: run.Unchanged, Reason: "everything was as it should be"},
			wantPaths: []string{"/org-dev-data", "/org-prod-data"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := accounttest.NewServer(email)
			sync(t, s, aliceKeys, person("org-dev-data", "org-prod-data"))
			clear(s.Disconnects) // the first sync narrows the permission of /

			got := sync(t, s, tt.keys, tt.give)

			assert.Equal(t, tt.wantPaths, s.Paths(email))
			assert.Len(t, s.Folders, len(tt.wantPaths), "no record is left over")
			assert.Equal(t, tt.wantDisconnects, s.Disconnects[email])
			for _, f := range s.Folders {
				if id, ok := tt.keys["alice"]; ok {
					assert.Equal(t, id, f.AccessKeyID)
				}
			}
			got.Username, got.Email, got.Buckets = "", "", nil
			assert.Equal(t, tt.want, got)
			assert.Len(t, s.Accounts[email].Permissions, len(tt.wantPaths)+1, "/ and an entry a folder")
		})
	}
}

func TestAdministratorsThingsStay(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	archive := account.Folder{Name: "a_b_example_org-archive", Path: "/archive", MappedPath: "/srv/archive"}
	lookalike := account.Folder{Name: "a_b_example_org-org-old-data", Path: "/org-old-data", S3: true, Bucket: "org-old-data", MappedPath: "/srv/old"}
	s.MapFolder(email, archive)
	s.MapFolder(email, lookalike)
	s.Accounts[email].Permissions["/archive"] = []string{"list"}
	s.Accounts[email].Permissions["/org-old-data"] = []string{"*"}
	s.Accounts[email].Permissions["/org-dev-data/sub"] = []string{"list"}

	sync(t, s, aliceKeys, person("org-dev-data"))
	sync(t, s, aliceKeys, person())

	assert.Equal(t, []string{"/archive", "/org-old-data"}, s.Paths(email))
	assert.Equal(t, map[string][]string{
		"/": {"list"}, "/archive": {"list"}, "/org-old-data": {"*"}, "/org-dev-data/sub": {"list"},
	}, s.Accounts[email].Permissions)
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	const name = "a_b_example_org-org-dev-data"
	ours := account.Folder{Name: name, S3: true, Bucket: "org-dev-data", MappedPath: "/tmp/sftpgo-folders/" + name}
	tests := []struct {
		name string
		give func(*accounttest.Server)
		want string
	}{
		{"a folder at the path", func(s *accounttest.Server) {
			s.MapFolder(email, account.Folder{Name: "own", Path: "/org-dev-data", MappedPath: "/srv/own"})
		}, `the folder "own", which sync-users did not make, stands at /org-dev-data`},
		{"a folder below the path", func(s *accounttest.Server) {
			s.MapFolder(email, account.Folder{Name: "own", Path: "/org-dev-data/own", MappedPath: "/srv/own"})
		}, `stands at /org-dev-data/own`},
		{"somebody else's folder of that name", func(s *accounttest.Server) {
			f := ours
			f.Path = "/x"
			s.MapFolder("other@example.org", f)
		}, `linked to the account "other@example.org"`},
		{"a group's folder of that name", func(s *accounttest.Server) {
			f := ours
			f.Groups = []string{"staff"}
			s.Folders[name] = f
		}, `linked to the group "staff"`},
		{"a folder of that name that is not ours", func(s *accounttest.Server) {
			s.Folders[name] = account.Folder{Name: name, MappedPath: "/srv/own"}
		}, "which sync-users did not make"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := accounttest.NewServer(email, "other@example.org")
			tt.give(s)
			before := s.Folders[name]
			_, err := syncer(s, aliceKeys).Sync(t.Context(), person("org-dev-data", "org-dev-more"), false)
			require.ErrorContains(t, err, tt.want)
			assert.Equal(t, errkind.Conflict, errkind.Of(err))
			assert.Equal(t, before, s.Folders[name], "the other's folder is as it was")
			assert.Contains(t, s.Paths(email), "/org-dev-more", "one bucket's conflict does not hold up the others")
		})
	}
}

func TestOneEmailTagOnTwoUsers(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	user := person("org-dev-data")
	user.SharedWith = []string{"alicia"}
	_, err := syncer(s, aliceKeys).Sync(t.Context(), user, false)
	require.ErrorContains(t, err, "also that of alicia")
	assert.Equal(t, errkind.Conflict, errkind.Of(err))
	assert.Empty(t, s.Writes())
}

func TestAKeyThatBecomesSharedGivesWayToAUniqueOne(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	sync(t, s, aliceKeys, person("org-dev-data"))
	user := person("org-dev-data")
	user.Key = stack.UniqueKey(email)

	result := sync(t, s, aliceKeys, user)

	assert.Equal(t, []string{"/org-dev-data"}, s.Paths(email))
	assert.Len(t, s.Folders, 1)
	assert.Contains(t, s.Folders, stack.FolderName(user.Key, "org-dev-data"))
	assert.Equal(t, "settings put right", result.Reason, "no bucket came or went")
	assert.Equal(t, []string{"*"}, s.Accounts[email].Permissions["/org-dev-data"])
}

func TestAFolderLinkedTwiceIsOnlyUnmapped(t *testing.T) {
	t.Parallel()
	const other = "a_b@example.org"
	s := accounttest.NewServer(email, other)
	sync(t, s, aliceKeys, person("org-dev-data"))
	shared := s.Folders["a_b_example_org-org-dev-data"]
	shared.Path = "/org-dev-data"
	s.MapFolder(other, shared)
	user := person("org-dev-data")
	user.Key = stack.UniqueKey(email)

	sync(t, s, aliceKeys, user)

	assert.Equal(t, []string{other}, s.FolderUsers("a_b_example_org-org-dev-data"))
	assert.Equal(t, []string{"/org-dev-data"}, s.Paths(other))
}

func TestMissingKeys(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	sync(t, s, aliceKeys, person("org-dev-data", "org-prod-data"))
	s.Calls = nil

	_, err := syncer(s, accounttest.Keys{}).Sync(t.Context(), person("org-dev-data", "org-prod-data"), false)
	require.Error(t, err)
	assert.Equal(t, errkind.KeysMissing, errkind.Of(err))
	assert.Empty(t, s.Writes(), "what the person may reach stays as it is")

	_, err = syncer(s, accounttest.Keys{}).Sync(t.Context(), person("org-dev-data"), true)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "taken away", "a dry run takes nothing")

	_, err = syncer(s, accounttest.Keys{}).Sync(t.Context(), person("org-dev-data"), false)
	require.ErrorContains(t, err, "taken away all the same: org-prod-data")
	assert.Equal(t, errkind.KeysMissing, errkind.Of(err))
	assert.Equal(t, []string{"/org-dev-data"}, s.Paths(email))
}

func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	result, err := syncer(s, aliceKeys).Sync(t.Context(), person("org-dev-data"), true)
	require.NoError(t, err)
	assert.Equal(t, run.Updated, result.Outcome)
	assert.Equal(t, []string{"org-dev-data"}, result.Added)
	assert.Empty(t, s.Writes())
}

// An attempt may end at any call. The next one must reach the same end as if
// there had been no mishap.
func TestAnAttemptCutShortIsMadeGoodByTheNext(t *testing.T) {
	t.Parallel()
	goal := person("org-dev-data", "org-test-data")
	for cut := range 12 {
		s := accounttest.NewServer(email)
		sync(t, s, aliceKeys, person("org-dev-data", "org-prod-data"))
		calls := 0
		s.Fault = func(string) error {
			if calls++; calls > cut {
				return errkind.Errorf(errkind.Unavailable, "down")
			}
			return nil
		}
		_, _ = syncer(s, accounttest.Keys{"alice": "AKIA2"}).Sync(t.Context(), goal, false)
		s.Fault = nil

		sync(t, s, accounttest.Keys{"alice": "AKIA2"}, goal)

		assert.Equal(t, []string{"/org-dev-data", "/org-test-data"}, s.Paths(email), "cut after %d calls", cut)
		assert.Len(t, s.Folders, 2, "cut after %d calls", cut)
		assert.Equal(t, map[string][]string{"/": {"list"}, "/org-dev-data": {"*"}, "/org-test-data": {"*"}},
			s.Accounts[email].Permissions, "cut after %d calls", cut)
		for _, f := range s.Folders {
			assert.Equal(t, "AKIA2", f.AccessKeyID, "cut after %d calls", cut)
		}
	}
}
