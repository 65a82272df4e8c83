package faults

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// bucketsOf are the buckets of each group.
var bucketsOf = map[string][]string{
	"digipres-dev1-users":       {"digipres-dev1-data", local.ManagedBucket},
	"digipres-dev1-power-users": {"digipres-dev1-data", local.ManagedBucket},
	"digipres-prod-users":       {"digipres-prod-archive", "digipres-prod-managed"},
	"digipres-test-users":       {"digipres-test-data"},
}

var groups = []string{"digipres-dev1-users", "digipres-dev1-power-users", "digipres-prod-users", "digipres-test-users"}

const password = "correct horse battery staple"

// testUser is a user as IAM and Parameter Store have them.
type testUser struct {
	username string
	groups   []string
	keyID    string
	// version is that of both parameters, which are always written together.
	version int
}

func (p *testUser) email() string { return p.username + "@example.org" }

// folderName returns the name of the user's folder for a bucket.
func (p *testUser) folderName(bucket string) string { return p.username + "_example_org-" + bucket }

// buckets returns those that the user should reach, in order.
func (p *testUser) buckets() []string {
	buckets := []string{}
	for _, group := range p.groups {
		buckets = append(buckets, bucketsOf[group]...)
	}
	slices.Sort(buckets)
	return slices.Compact(buckets)
}

func (p *testUser) keyDescription() string {
	return fmt.Sprintf("sync-users: access key version %d, secret key version %[1]d", p.version)
}

// begin deletes what was before, and creates users who are in no group yet.
func begin(t *testing.T) []*testUser {
	t.Helper()
	ctx := t.Context()
	localtest.DeleteFixtures(t, cloud, fixtures)
	require.NoError(t, fixtures.CreateBuckets(ctx, "digipres-dev1-data", "digipres-dev1-data-repl",
		"digipres-prod-archive", "digipres-prod-managed", "digipres-test-data", "website"))
	var users []*testUser
	for _, username := range []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"} {
		p := &testUser{username: username}
		require.NoError(t, fixtures.CreateUsers(ctx, fixture.User{
			Username: username, Email: p.email(), Password: password, NoKeys: true,
		}))
		p.rotateKeys(t)
		users = append(users, p)
	}
	addForeignFolder(t, users[0])
	return users
}

func (p *testUser) rotateKeys(t *testing.T) {
	t.Helper()
	id, err := fixtures.RotateKeys(t.Context(), p.username)
	require.NoError(t, err)
	p.keyID = id
	p.version++
}

// correctSecret stores another secret of the same key.
func (p *testUser) correctSecret(t *testing.T) {
	t.Helper()
	require.NoError(t, fixtures.StoreKeys(t.Context(), p.username, p.keyID, fmt.Sprintf("secret/number+%d", p.version)))
	p.version++
}

// join has the user leave some groups and join others.
func (p *testUser) join(t *testing.T, next []string) {
	t.Helper()
	for _, group := range groups {
		was, is := slices.Contains(p.groups, group), slices.Contains(next, group)
		switch {
		case is && !was:
			require.NoError(t, fixtures.AddToGroup(t.Context(), p.username, group))
		case was && !is:
			require.NoError(t, fixtures.RemoveFromGroup(t.Context(), p.username, group))
		}
	}
	p.groups = next
}

// change changes memberships and keys of some users at random. One who has
// anything loses it all.
func change(t *testing.T, random *rand.Rand, users []*testUser) {
	t.Helper()
	leaver := -1
	for _, i := range random.Perm(len(users)) {
		p := users[i]
		if leaver < 0 && len(p.groups) > 0 {
			leaver = i
			p.join(t, nil)
			continue
		}
		switch random.IntN(6) {
		case 0, 1:
			p.join(t, someGroups(random))
		case 2:
			p.rotateKeys(t)
		case 3:
			p.correctSecret(t)
		case 4:
			p.rotateKeys(t)
			p.join(t, someGroups(random))
		}
	}
}

// someGroups returns some of the groups, in any case one.
func someGroups(random *rand.Rand) []string {
	some := slices.Clone(groups)
	random.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	return some[:1+random.IntN(len(some)-1)]
}

// The folder that an administrator mapped for one user.
const (
	foreignFolder = "letters"
	foreignPath   = "/letters"
)

func addForeignFolder(t *testing.T, p *testUser) {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, fixtures.SFTPGo.Do(ctx, http.MethodPost, "/api/v2/folders",
		fixture.Document{"name": foreignFolder, "mapped_path": t.TempDir()}, nil))
	account, _, err := fixtures.SFTPGo.Account(ctx, p.email())
	require.NoError(t, err)
	account["virtual_folders"] = []any{fixture.Document{"name": foreignFolder, "virtual_path": foreignPath}}
	account["permissions"].(fixture.Document)[foreignPath] = []any{"list"}
	account["additional_info"] = "by hand"
	require.NoError(t, fixtures.SFTPGo.Do(ctx, http.MethodPut, "/api/v2/users/"+p.email(), account, nil))
}
