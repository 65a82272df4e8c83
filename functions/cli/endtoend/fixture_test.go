package endtoend

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

const (
	devUsers  = "digipres-dev1-users"
	prodUsers = "digipres-prod-users"
)

var (
	devBuckets  = []string{"digipres-dev1-data", local.ManagedBucket}
	prodBuckets = []string{"digipres-prod-archive"}
)

// newFixture replaces what there is by two stacks and the given users.
func newFixture(t testing.TB, users ...fixture.User) {
	t.Helper()
	cloud.SFTPGo.Reset()
	localtest.DeleteFixtures(t, cloud, fixtures)
	for _, bucket := range []string{local.ManagedBucket, cloud.Outputs.RunsBucketName} {
		localtest.EmptyBucket(t, cloud, bucket)
	}
	require.NoError(t, fixtures.CreateBuckets(t.Context(), "digipres-dev1-data", "digipres-dev1-data-repl", "digipres-prod-archive"))
	require.NoError(t, fixtures.CreateUsers(t.Context(), users...))
}

func newUser(username string, groups ...string) fixture.User {
	return fixture.User{Username: username, Email: email(username), Groups: groups}
}

func email(username string) string { return username + "@example.org" }

// makeUsers returns n users of one stack.
func makeUsers(n int) []fixture.User {
	users := make([]fixture.User, n)
	for i := range users {
		users[i] = newUser(fmt.Sprintf("user%02d", i), devUsers)
	}
	return users
}
