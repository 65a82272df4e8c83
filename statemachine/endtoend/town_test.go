package endtoend

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/people"
)

// What the stacks of every test have.
var (
	devBuckets  = []string{"digipres-dev1-data", local.ManagedBucket}
	prodBuckets = []string{"digipres-prod-archive", "digipres-prod-managed"}
)

const (
	devUsers  = "digipres-dev1-users"
	devAdmins = "digipres-dev1-power-users"
	prodUsers = "digipres-prod-users"
)

// newTown begins a test: two stacks with a replica, a bucket that is no
// stack's, and the people given.
func newTown(t testing.TB, persons ...people.Person) {
	t.Helper()
	ctx := t.Context()
	cloud.SFTPGo.Reset()
	require.NoError(t, town.Empty(ctx))
	require.NoError(t, town.Clear(ctx, local.ManagedBucket))
	unlock(t)
	_, err := cloud.Mails(ctx)
	require.NoError(t, err)
	require.NoError(t, town.AddBuckets(ctx,
		"digipres-dev1-data", "digipres-dev1-data-repl", "digipres-prod-archive", "digipres-prod-managed", "website"))
	require.NoError(t, town.AddAll(ctx, persons...))
	cloud.Calls.Reset()
	cloud.SFTPGo.Reset()
}

// person is somebody with everything that a sync needs.
func person(username string, groups ...string) people.Person {
	return people.Person{Username: username, Email: email(username), Groups: groups}
}

func email(username string) string { return username + "@example.org" }

// account gives the document of a person's account.
func account(t testing.TB, email string) people.Document {
	t.Helper()
	user, ok, err := town.SFTPGo.User(t.Context(), email)
	require.NoError(t, err)
	require.True(t, ok, "account %s", email)
	return user
}

// folders are the virtual folders of an account, by path.
func folders(t testing.TB, email string) map[string]people.Document {
	t.Helper()
	byPath := map[string]people.Document{}
	mapped, _ := account(t, email)["virtual_folders"].([]any)
	for _, f := range mapped {
		folder := f.(people.Document)
		byPath[folder["virtual_path"].(string)] = folder
	}
	return byPath
}

// shows gives the buckets that an account shows, each at its path.
func shows(t testing.TB, email string) []string {
	t.Helper()
	buckets := []string{}
	for path, folder := range folders(t, email) {
		bucket := s3config(folder)["bucket"].(string)
		require.Equal(t, "/"+bucket, path)
		buckets = append(buckets, bucket)
	}
	slices.Sort(buckets)
	return buckets
}

func s3config(folder people.Document) people.Document {
	return folder["filesystem"].(people.Document)["s3config"].(people.Document)
}

// permissions are those of an account, by path.
func permissions(t testing.TB, email string) map[string][]string {
	t.Helper()
	byPath := map[string][]string{}
	for path, list := range account(t, email)["permissions"].(people.Document) {
		for _, p := range list.([]any) {
			byPath[path] = append(byPath[path], p.(string))
		}
	}
	return byPath
}

// records are the names of all folder records on the server, in order.
func records(t testing.TB) []string {
	t.Helper()
	all, err := town.SFTPGo.Folders(t.Context())
	require.NoError(t, err)
	names := []string{}
	for _, folder := range all {
		names = append(names, folder["name"].(string))
	}
	slices.Sort(names)
	return names
}

// key is what the folders of an account begin with.
func key(email string) string {
	return strings.NewReplacer(".", "_", "@", "_", "+", "_").Replace(email)
}
