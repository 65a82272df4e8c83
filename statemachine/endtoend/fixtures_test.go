package endtoend

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// The buckets and groups of every test's stacks.
var (
	devBuckets  = []string{"digipres-dev1-data", local.ManagedBucket}
	prodBuckets = []string{"digipres-prod-archive", "digipres-prod-managed"}
)

const (
	devUsers  = "digipres-dev1-users"
	devAdmins = "digipres-dev1-power-users"
	prodUsers = "digipres-prod-users"
)

// resetFixtures begins a test: it leaves two stacks with a replica, a bucket that
// is no stack's, and the users given.
func resetFixtures(t testing.TB, users ...fixture.User) {
	t.Helper()
	ctx := t.Context()
	cloud.SFTPGo.Reset()
	localtest.DeleteFixtures(t, cloud, fixtures)
	localtest.EmptyBucket(t, cloud, local.ManagedBucket)
	deleteLock(t)
	_, err := cloud.ReceiveMails(ctx)
	require.NoError(t, err)
	require.NoError(t, fixtures.CreateBuckets(ctx,
		"digipres-dev1-data", "digipres-dev1-data-repl", "digipres-prod-archive", "digipres-prod-managed", "website"))
	require.NoError(t, fixtures.CreateUsers(ctx, users...))
	cloud.Calls.Reset()
	cloud.SFTPGo.Reset()
}

// newUser returns a user with everything that a sync needs.
func newUser(username string, groups ...string) fixture.User {
	return fixture.User{Username: username, Email: email(username), Groups: groups}
}

func email(username string) string { return username + "@example.org" }

// getAccount returns the document of an account.
func getAccount(t testing.TB, email string) fixture.Document {
	t.Helper()
	account, ok, err := fixtures.SFTPGo.Account(t.Context(), email)
	require.NoError(t, err)
	require.True(t, ok, "account %s", email)
	return account
}

// mappedFolders returns the virtual folders of an account, by path.
func mappedFolders(t testing.TB, email string) map[string]fixture.Document {
	t.Helper()
	byPath := map[string]fixture.Document{}
	mapped, _ := getAccount(t, email)["virtual_folders"].([]any)
	for _, f := range mapped {
		folder := f.(fixture.Document)
		byPath[folder["virtual_path"].(string)] = folder
	}
	return byPath
}

// mappedBuckets returns the buckets of an account's folders, in order.
func mappedBuckets(t testing.TB, email string) []string {
	t.Helper()
	buckets := []string{}
	for path, folder := range mappedFolders(t, email) {
		bucket := s3config(folder)["bucket"].(string)
		require.Equal(t, "/"+bucket, path)
		buckets = append(buckets, bucket)
	}
	slices.Sort(buckets)
	return buckets
}

func s3config(folder fixture.Document) fixture.Document {
	return folder["filesystem"].(fixture.Document)["s3config"].(fixture.Document)
}

// accountPermissions returns the permissions of an account, by path.
func accountPermissions(t testing.TB, email string) map[string][]string {
	t.Helper()
	byPath := map[string][]string{}
	for path, list := range getAccount(t, email)["permissions"].(fixture.Document) {
		for _, p := range list.([]any) {
			byPath[path] = append(byPath[path], p.(string))
		}
	}
	return byPath
}

// folderNames returns the names of all folders on the server, in order.
func folderNames(t testing.TB) []string {
	t.Helper()
	all, err := fixtures.SFTPGo.Folders(t.Context())
	require.NoError(t, err)
	names := []string{}
	for _, folder := range all {
		names = append(names, folder["name"].(string))
	}
	slices.Sort(names)
	return names
}

// folderPrefix returns what the names of an account's folders begin with.
func folderPrefix(email string) string {
	return strings.NewReplacer(".", "_", "@", "_", "+", "_").Replace(email)
}
