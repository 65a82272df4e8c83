package account_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
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

func syncer(s *server, keys keyStore) account.Syncer {
	return account.Syncer{Accounts: s, FolderReader: s, FolderWriter: s, Keys: keys}
}

func sync(t *testing.T, s *server, keys keyStore, user run.User) run.Result {
	t.Helper()
	result, err := syncer(s, keys).Sync(t.Context(), user, false)
	require.NoError(t, err)
	return result
}

var aliceKeys = keyStore{"alice": "AKIA1"}

func TestFirstSync(t *testing.T) {
	t.Parallel()
	s := newServer(email)
	result := sync(t, s, aliceKeys, person("org-dev-data", "org-dev-managed"))

	assert.Equal(t, run.Result{
		Username: "alice", Email: email, Outcome: run.Updated, Reason: "2 buckets added",
		Buckets: []string{"org-dev-data", "org-dev-managed"}, Added: []string{"org-dev-data", "org-dev-managed"},
	}, result)
	assert.Equal(t, map[string][]string{
		"/": {"list"}, "/org-dev-data": {"*"}, "/org-dev-managed": {"list", "download"},
	}, s.accounts[email].Permissions)
	assert.Equal(t, account.Folder{
		Name: "a_b_example_org-org-dev-data", MappedPath: "/tmp/sftpgo-folders/a_b_example_org-org-dev-data",
		S3: true, Bucket: "org-dev-data", Region: "eu-west-1", AccessKeyID: "AKIA1", Users: []string{email},
	}, s.folders["a_b_example_org-org-dev-data"])
	assert.Equal(t, []string{"POST a_b_example_org-org-dev-data", "POST a_b_example_org-org-dev-managed", "PUT " + email}, s.writes)
}

func TestSecondSyncWritesNothing(t *testing.T) {
	t.Parallel()
	s := newServer(email)
	sync(t, s, aliceKeys, person("org-dev-data"))
	s.writes = nil
	result := sync(t, s, aliceKeys, person("org-dev-data"))
	assert.Equal(t, run.Unchanged, result.Outcome)
	assert.Equal(t, []string{"org-dev-data"}, result.Buckets)
	assert.Empty(t, s.writes)
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
			s := newServer(email)
			result := sync(t, s, keyStore{}, tt.give) // a skip needs no keys
			assert.Equal(t, run.Skipped, result.Outcome)
			assert.Equal(t, tt.want, result.Reason)
			assert.Empty(t, s.writes)
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
		keys            keyStore
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
			name: "the last stack left", give: person(), keys: keyStore{},
			want: run.Result{Outcome: run.Revoked, Reason: "no stack group any more: 2 buckets removed",
				Removed: []string{"org-dev-data", "org-prod-data"}},
			wantDisconnects: 1,
		},
		{
			name: "a key rotated", give: person("org-dev-data", "org-prod-data"), keys: keyStore{"alice": "AKIA2"},
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
			s := newServer(email)
			sync(t, s, aliceKeys, person("org-dev-data", "org-prod-data"))
			clear(s.disconnects) // the first sync narrows the permission of /

			got := sync(t, s, tt.keys, tt.give)

			assert.Equal(t, tt.wantPaths, s.paths(email))
			assert.Len(t, s.folders, len(tt.wantPaths), "no record is left over")
			assert.Equal(t, tt.wantDisconnects, s.disconnects[email])
			for _, f := range s.folders {
				if id, ok := tt.keys["alice"]; ok {
					assert.Equal(t, id, f.AccessKeyID)
				}
			}
			got.Username, got.Email, got.Buckets = "", "", nil
			assert.Equal(t, tt.want, got)
			assert.Len(t, s.accounts[email].Permissions, len(tt.wantPaths)+1, "/ and an entry a folder")
		})
	}
}

func TestAdministratorsThingsStay(t *testing.T) {
	t.Parallel()
	s := newServer(email)
	archive := account.Folder{Name: "a_b_example_org-archive", Path: "/archive", MappedPath: "/srv/archive"}
	lookalike := account.Folder{Name: "a_b_example_org-org-old-data", Path: "/org-old-data", S3: true, Bucket: "org-old-data", MappedPath: "/srv/old"}
	s.mapFolder(email, archive)
	s.mapFolder(email, lookalike)
	s.accounts[email].Permissions["/archive"] = []string{"list"}
	s.accounts[email].Permissions["/org-old-data"] = []string{"*"}
	s.accounts[email].Permissions["/org-dev-data/sub"] = []string{"list"}

	sync(t, s, aliceKeys, person("org-dev-data"))
	sync(t, s, aliceKeys, person())

	assert.Equal(t, []string{"/archive", "/org-old-data"}, s.paths(email))
	assert.Equal(t, map[string][]string{
		"/": {"list"}, "/archive": {"list"}, "/org-old-data": {"*"}, "/org-dev-data/sub": {"list"},
	}, s.accounts[email].Permissions)
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	const name = "a_b_example_org-org-dev-data"
	ours := account.Folder{Name: name, S3: true, Bucket: "org-dev-data", MappedPath: "/tmp/sftpgo-folders/" + name}
	tests := []struct {
		name string
		give func(*server)
		want string
	}{
		{"a folder at the path", func(s *server) {
			s.mapFolder(email, account.Folder{Name: "own", Path: "/org-dev-data", MappedPath: "/srv/own"})
		}, `the folder "own", which sync-users did not make, stands at /org-dev-data`},
		{"a folder below the path", func(s *server) {
			s.mapFolder(email, account.Folder{Name: "own", Path: "/org-dev-data/own", MappedPath: "/srv/own"})
		}, `stands at /org-dev-data/own`},
		{"somebody else's folder of that name", func(s *server) {
			f := ours
			f.Path = "/x"
			s.mapFolder("other@example.org", f)
		}, `linked to the account "other@example.org"`},
		{"a group's folder of that name", func(s *server) {
			f := ours
			f.Groups = []string{"staff"}
			s.folders[name] = f
		}, `linked to the group "staff"`},
		{"a folder of that name that is not ours", func(s *server) {
			s.folders[name] = account.Folder{Name: name, MappedPath: "/srv/own"}
		}, "which sync-users did not make"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(email, "other@example.org")
			tt.give(s)
			before := s.folders[name]
			_, err := syncer(s, aliceKeys).Sync(t.Context(), person("org-dev-data", "org-dev-more"), false)
			require.ErrorContains(t, err, tt.want)
			assert.Equal(t, errkind.Conflict, errkind.Of(err))
			assert.Equal(t, before, s.folders[name], "the other's folder is as it was")
			assert.Contains(t, s.paths(email), "/org-dev-more", "one bucket's conflict does not hold up the others")
		})
	}
}

func TestOneEmailTagOnTwoUsers(t *testing.T) {
	t.Parallel()
	s := newServer(email)
	user := person("org-dev-data")
	user.SharedWith = []string{"alicia"}
	_, err := syncer(s, aliceKeys).Sync(t.Context(), user, false)
	require.ErrorContains(t, err, "also that of alicia")
	assert.Equal(t, errkind.Conflict, errkind.Of(err))
	assert.Empty(t, s.writes)
}

func TestAKeyThatBecomesSharedGivesWayToAUniqueOne(t *testing.T) {
	t.Parallel()
	s := newServer(email)
	sync(t, s, aliceKeys, person("org-dev-data"))
	user := person("org-dev-data")
	user.Key = stack.UniqueKey(email)

	result := sync(t, s, aliceKeys, user)

	assert.Equal(t, []string{"/org-dev-data"}, s.paths(email))
	assert.Len(t, s.folders, 1)
	assert.Contains(t, s.folders, stack.FolderName(user.Key, "org-dev-data"))
	assert.Equal(t, "settings put right", result.Reason, "no bucket came or went")
	assert.Equal(t, []string{"*"}, s.accounts[email].Permissions["/org-dev-data"])
}

func TestAFolderLinkedTwiceIsOnlyUnmapped(t *testing.T) {
	t.Parallel()
	const other = "a_b@example.org"
	s := newServer(email, other)
	sync(t, s, aliceKeys, person("org-dev-data"))
	shared := s.folders["a_b_example_org-org-dev-data"]
	shared.Path = "/org-dev-data"
	s.mapFolder(other, shared)
	user := person("org-dev-data")
	user.Key = stack.UniqueKey(email)

	sync(t, s, aliceKeys, user)

	assert.Equal(t, []string{other}, s.folders["a_b_example_org-org-dev-data"].Users)
	assert.Equal(t, []string{"/org-dev-data"}, s.paths(other))
}

func TestMissingKeys(t *testing.T) {
	t.Parallel()
	s := newServer(email)
	sync(t, s, aliceKeys, person("org-dev-data", "org-prod-data"))
	s.writes = nil

	_, err := syncer(s, keyStore{}).Sync(t.Context(), person("org-dev-data", "org-prod-data"), false)
	require.Error(t, err)
	assert.Equal(t, errkind.KeysMissing, errkind.Of(err))
	assert.Empty(t, s.writes, "what the person may reach stays as it is")

	_, err = syncer(s, keyStore{}).Sync(t.Context(), person("org-dev-data"), true)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "taken away", "a dry run takes nothing")

	_, err = syncer(s, keyStore{}).Sync(t.Context(), person("org-dev-data"), false)
	require.ErrorContains(t, err, "taken away all the same: org-prod-data")
	assert.Equal(t, errkind.KeysMissing, errkind.Of(err))
	assert.Equal(t, []string{"/org-dev-data"}, s.paths(email))
}

func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	s := newServer(email)
	result, err := syncer(s, aliceKeys).Sync(t.Context(), person("org-dev-data"), true)
	require.NoError(t, err)
	assert.Equal(t, run.Updated, result.Outcome)
	assert.Equal(t, []string{"org-dev-data"}, result.Added)
	assert.Empty(t, s.writes)
}

// An attempt may end at any call. The next one must reach the same end as if
// there had been no mishap.
func TestAnAttemptCutShortIsMadeGoodByTheNext(t *testing.T) {
	t.Parallel()
	goal := person("org-dev-data", "org-test-data")
	for cut := range 12 {
		s := newServer(email)
		sync(t, s, aliceKeys, person("org-dev-data", "org-prod-data"))
		calls := 0
		s.fail = func(string) error {
			if calls++; calls > cut {
				return errkind.Errorf(errkind.Unavailable, "down")
			}
			return nil
		}
		_, _ = syncer(s, keyStore{"alice": "AKIA2"}).Sync(t.Context(), goal, false)
		s.fail = func(string) error { return nil }

		sync(t, s, keyStore{"alice": "AKIA2"}, goal)

		assert.Equal(t, []string{"/org-dev-data", "/org-test-data"}, s.paths(email), "cut after %d calls", cut)
		assert.Len(t, s.folders, 2, "cut after %d calls", cut)
		assert.Equal(t, map[string][]string{"/": {"list"}, "/org-dev-data": {"*"}, "/org-test-data": {"*"}},
			s.accounts[email].Permissions, "cut after %d calls", cut)
		for _, f := range s.folders {
			assert.Equal(t, "AKIA2", f.AccessKeyID, "cut after %d calls", cut)
		}
	}
}
