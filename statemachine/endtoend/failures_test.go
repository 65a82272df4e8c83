package endtoend

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

func TestMissingKeysFailOneUserAlone(t *testing.T) {
	keyless := newUser("keyless", devUsers)
	keyless.NoKeys = true
	resetFixtures(t, newUser("alice", devUsers), keyless, newUser("bob", prodUsers))

	e := triggerRun(t)

	requireFailed(t, e, pathUsersFailed)
	assert.Equal(t, "UsersFailed", e.err)
	results := readReport(t, e)
	assert.Equal(t, run.Failed, results["keyless"].Outcome)
	assert.Equal(t, "KeysMissing", results["keyless"].Error)
	assert.Equal(t, run.Updated, results["alice"].Outcome)
	assert.Equal(t, run.Updated, results["bob"].Outcome)
	assert.Equal(t, devBuckets, mappedBuckets(t, email("alice")))
	assert.True(t, triggerExists(t), "TRIGGER stays while a user fails")
	got := receiveMails(t)
	require.Len(t, got, 1)
	assert.Equal(t, "sync-users: 1 of 3 users failed", got[0].Subject)
	assert.Contains(t, got[0].Message, "keyless <keyless@example.org>: ")
	assert.Contains(t, got[0].Message, "/iam/access_key/keyless")
	assert.NotContains(t, got[0].Message, "alice")

	_, err := fixtures.RotateKeys(t.Context(), "keyless")
	require.NoError(t, err)
	e = triggerRun(t)
	requireSucceeded(t, e, pathTriggerDeleted)
	assert.Equal(t, run.Updated, readReport(t, e)["keyless"].Outcome)
	assert.Equal(t, run.Unchanged, readReport(t, e)["alice"].Outcome)
	assert.False(t, triggerExists(t))
	assert.Empty(t, receiveMails(t), "a successful run is not mailed")
}

func TestRunWaitsForSFTPGo(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers), newUser("bob", prodUsers))
	cloud.SFTPGo.Inject(sftpgo.Fault{
		Path: "/api/v2/users/{name}", Status: http.StatusServiceUnavailable, Body: "<html>maintenance</html>", Times: 5,
	})

	e := startRun(t, `{}`)

	requireSucceeded(t, e, pathSucceeded)
	assert.Equal(t, devBuckets, mappedBuckets(t, email("alice")))
	assert.Equal(t, prodBuckets, mappedBuckets(t, email("bob")))
}

func TestRunFailsWithoutSFTPGoAndRevokesNothing(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers), newUser("bob", prodUsers))
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	before := updatedAt(t)
	require.NoError(t, fixtures.RemoveFromGroup(t.Context(), "bob", prodUsers))
	remove := cloud.SFTPGo.Inject(sftpgo.Fault{Status: http.StatusServiceUnavailable})
	defer remove()

	e := startRun(t, `{}`)

	requireFailed(t, e, pathServerFailed)
	assert.Equal(t, "Unavailable", e.err)
	assert.Contains(t, e.cause, "503")
	assert.Equal(t, before, updatedAt(t), "no account was changed")
	assert.Equal(t, devBuckets, mappedBuckets(t, email("alice")))
	assert.Equal(t, prodBuckets, mappedBuckets(t, email("bob")))
	require.Len(t, receiveMails(t), 1, "one mail, not one for each user")
}
