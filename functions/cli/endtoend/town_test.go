package endtoend

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

const (
	devUsers  = "digipres-dev1-users"
	prodUsers = "digipres-prod-users"
)

var (
	devBuckets  = []string{"digipres-dev1-data", local.ManagedBucket}
	prodBuckets = []string{"digipres-prod-archive"}
)

// newTown begins a test: two stacks and the people given.
func newTown(t *testing.T, persons ...fixture.User) {
	t.Helper()
	cloud.SFTPGo.Reset()
	require.NoError(t, town.DeleteAll(t.Context()))
	for _, bucket := range []string{local.ManagedBucket, cloud.Outputs.RunsBucketName} {
		require.NoError(t, town.EmptyBucket(t.Context(), bucket))
	}
	require.NoError(t, town.CreateBuckets(t.Context(), "digipres-dev1-data", "digipres-dev1-data-repl", "digipres-prod-archive"))
	require.NoError(t, town.CreateUsers(t.Context(), persons...))
}

func person(username string, groups ...string) fixture.User {
	return fixture.User{Username: username, Email: email(username), Groups: groups}
}

func email(username string) string { return username + "@example.org" }

// crowd are n people of one stack.
func crowd(n int) []fixture.User {
	persons := make([]fixture.User, n)
	for i := range persons {
		persons[i] = person(fmt.Sprintf("user%02d", i), devUsers)
	}
	return persons
}
