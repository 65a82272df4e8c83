package endtoend

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// sftpgoAnswer adds fields to every account that SFTPGo shows.
func sftpgoAnswer(fields map[string]any) sftpgo.Fault {
	return sftpgo.Fault{Method: http.MethodGet, Path: "/api/v2/users/{name}", Fields: fields}
}

func TestOnePersonsKeysAreMissing(t *testing.T) {
	keyless := person("keyless", devUsers)
	keyless.NoKeys = true
	newTown(t, person("alice", devUsers), keyless, person("bob", prodUsers))

	e := trigger(t)

	failed(t, e, wayOfSomeFailed)
	assert.Equal(t, "UsersFailed", e.err)
	results := report(t, e)
	assert.Equal(t, run.Failed, results["keyless"].Outcome)
	assert.Equal(t, "KeysMissing", results["keyless"].Error)
	assert.Equal(t, run.Updated, results["alice"].Outcome)
	assert.Equal(t, run.Updated, results["bob"].Outcome)
	assert.Equal(t, devBuckets, shows(t, email("alice")))
	assert.True(t, triggerStands(t), "TRIGGER stays while somebody has failed")
	got := mails(t)
	require.Len(t, got, 1)
	assert.Equal(t, "sync-users: 1 of 3 users failed", got[0].Subject)
	assert.Contains(t, got[0].Message, "keyless <keyless@example.org>: ")
	assert.Contains(t, got[0].Message, "/iam/access_key/keyless")
	assert.NotContains(t, got[0].Message, "alice")

	_, err := town.RotateKeys(t.Context(), "keyless")
	require.NoError(t, err)
	e = trigger(t)
	succeeded(t, e, wayOfTrigger)
	assert.Equal(t, run.Updated, report(t, e)["keyless"].Outcome)
	assert.Equal(t, run.Unchanged, report(t, e)["alice"].Outcome)
	assert.False(t, triggerStands(t))
	assert.Empty(t, mails(t), "a run that went well is not mailed")
}

func TestSFTPGoIsDownForAWhile(t *testing.T) {
	newTown(t, person("alice", devUsers), person("bob", prodUsers))
	cloud.SFTPGo.Inject(sftpgo.Fault{
		Path: "/api/v2/users/{name}", Status: http.StatusServiceUnavailable, Body: "<html>maintenance</html>", Times: 5,
	})

	e := start(t, `{}`)

	succeeded(t, e, wayOfSuccess)
	assert.Equal(t, devBuckets, shows(t, email("alice")))
	assert.Equal(t, prodBuckets, shows(t, email("bob")))
}

func TestSFTPGoIsDownForGood(t *testing.T) {
	newTown(t, person("alice", devUsers), person("bob", prodUsers))
	succeeded(t, start(t, `{}`), wayOfSuccess)
	before := updatedAt(t)
	require.NoError(t, town.Leave(t.Context(), "bob", prodUsers))
	lift := cloud.SFTPGo.Fail(http.StatusServiceUnavailable)
	defer lift()

	e := start(t, `{}`)

	failed(t, e, wayOfNoServer)
	assert.Equal(t, "Unavailable", e.err)
	assert.Contains(t, e.cause, "503")
	assert.Equal(t, before, updatedAt(t), "nobody lost anything")
	assert.Equal(t, devBuckets, shows(t, email("alice")))
	assert.Equal(t, prodBuckets, shows(t, email("bob")))
	require.Len(t, mails(t), 1, "and not one for each person")
}
