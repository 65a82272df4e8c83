package endtoend

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/people"
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
func newFixture(t *testing.T, users ...people.Person) {
	t.Helper()
	cloud.SFTPGo.Reset()
	require.NoError(t, fixtures.Empty(t.Context()))
	for _, bucket := range []string{local.ManagedBucket, cloud.Outputs.RunsBucketName} {
		require.NoError(t, fixtures.Clear(t.Context(), bucket))
	}
	require.NoError(t, fixtures.AddBuckets(t.Context(), "digipres-dev1-data", "digipres-dev1-data-repl", "digipres-prod-archive"))
	require.NoError(t, fixtures.AddAll(t.Context(), users...))
}

func newUser(username string, groups ...string) people.Person {
	return people.Person{Username: username, Email: email(username), Groups: groups}
}

func email(username string) string { return username + "@example.org" }

// makeUsers returns n users of one stack.
func makeUsers(n int) []people.Person {
	users := make([]people.Person, n)
	for i := range users {
		users[i] = newUser(fmt.Sprintf("user%02d", i), devUsers)
	}
	return users
}
