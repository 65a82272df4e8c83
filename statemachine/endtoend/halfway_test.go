package endtoend

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

func TestACorrectedSecretIsWritten(t *testing.T) {
	newTown(t, person("alice", devUsers))
	ctx := t.Context()
	succeeded(t, start(t, `{}`), wayOfSuccess)
	folder := folders(t, email("alice"))["/digipres-dev1-data"]
	id := s3config(folder)["access_key"].(string)
	assert.Equal(t, "sync-users: access key version 1, secret key version 1", folder["description"])

	require.NoError(t, town.StoreKeys(ctx, "alice", id, "another/secret+of/the+same+key"))
	e := start(t, `{}`)
	succeeded(t, e, wayOfSuccess)
	alice := report(t, e)["alice"]
	assert.Equal(t, run.Updated, alice.Outcome)
	assert.True(t, alice.KeyRotated)
	assert.Equal(t, "keys changed in Parameter Store", alice.Reason)
	for path, folder := range folders(t, email("alice")) {
		assert.Equal(t, "sync-users: access key version 2, secret key version 2", folder["description"], path)
		assert.Equal(t, id, s3config(folder)["access_key"], path)
	}

	for _, tt := range []struct{ input, want string }{
		{`{}`, "everything was as it should be"},
		{`{"refreshKeys":true,"dryRun":true}`, "keys written again"},
		{`{}`, "everything was as it should be"},
		{`{"refreshKeys":true,"username":"alice"}`, "keys written again"},
		{`{}`, "everything was as it should be"},
	} {
		e := start(t, tt.input)
		succeeded(t, e, wayOfSuccess)
		assert.Equal(t, tt.want, report(t, e)["alice"].Reason, tt.input)
	}
}

// Access goes although the record can't be deleted at first, and the record goes in
// the same run.
func TestARecordThatCantBeDeletedAtFirst(t *testing.T) {
	newTown(t, person("alice", devUsers))
	succeeded(t, start(t, `{}`), wayOfSuccess)
	require.NoError(t, town.Leave(t.Context(), "alice", devUsers))
	cloud.SFTPGo.Inject(sftpgo.Fault{
		Method: http.MethodDelete, Path: "/api/v2/folders/{name}", Status: http.StatusServiceUnavailable, Times: len(devBuckets),
	})

	e := start(t, `{}`)

	succeeded(t, e, wayOfSuccess)
	alice := report(t, e)["alice"]
	assert.Equal(t, run.Revoked, alice.Outcome)
	assert.Equal(t, devBuckets, alice.Removed)
	assert.Empty(t, folders(t, email("alice")))
	assert.Empty(t, records(t))
}

func TestARecordThatCantBeDeletedForGood(t *testing.T) {
	newTown(t, person("alice", devUsers))
	succeeded(t, start(t, `{}`), wayOfSuccess)
	require.NoError(t, town.Leave(t.Context(), "alice", devUsers))
	cloud.SFTPGo.Inject(sftpgo.Fault{
		Method: http.MethodDelete, Path: "/api/v2/folders/{name}", Status: http.StatusForbidden, Times: 2 * len(devBuckets),
	})

	e := trigger(t)

	failed(t, e, []string{"Discover users", "Sync each user", "Delete leftovers", "Summarize run", "Did anyone fail?", "Leftovers stay",
		"Has an explanation?", "Read explanation", "Explain error", "Publish failure", "Failed"})
	assert.Equal(t, "AccessDenied", e.err)
	assert.True(t, triggerStands(t))
	assert.Equal(t, run.Revoked, report(t, e)["alice"].Outcome)
	assert.Empty(t, folders(t, email("alice")), "access has ended")
	assert.Len(t, records(t), len(devBuckets))
	got := mails(t)
	require.Len(t, got, 1)
	assert.Contains(t, got[0].Message, "delete folder "+key(email("alice"))+"-"+devBuckets[0])

	succeeded(t, trigger(t), wayOfTrigger)
	assert.Empty(t, records(t))
}

func TestRecordsThatWereCreatedAndNotMapped(t *testing.T) {
	newTown(t, person("alice", devUsers), person("bob", prodUsers))
	cloud.SFTPGo.Inject(sftpgo.Fault{
		Method: http.MethodPut, Path: "/api/v2/users/{name}", Status: http.StatusForbidden, Times: 2,
	})

	e := start(t, `{}`)

	failed(t, e, wayOfSomeFailed)
	assert.Equal(t, "AccessDenied", report(t, e)["alice"].Error)
	assert.Empty(t, records(t), "nobody shows them, and they hold keys")

	succeeded(t, start(t, `{}`), wayOfSuccess)
	assert.Equal(t, devBuckets, shows(t, email("alice")))
	assert.Equal(t, prodBuckets, shows(t, email("bob")))
}

// What none of the users with one Email tag should have goes; the rest waits until
// the tag is one user's.
func TestOneEmailTagOnTwoUsersTakesAwayWhatNoneShouldHave(t *testing.T) {
	alicia := person("alicia")
	alicia.Email, alicia.NoAccount = email("alice"), true
	newTown(t, person("alice", devUsers, prodUsers))
	ctx := t.Context()
	succeeded(t, start(t, `{}`), wayOfSuccess)
	require.NoError(t, town.Add(ctx, alicia))
	require.NoError(t, town.Leave(ctx, "alice", devUsers))

	e := start(t, `{}`)

	failed(t, e, wayOfSomeFailed)
	for _, username := range []string{"alice", "alicia"} {
		assert.Equal(t, "Conflict", report(t, e)[username].Error)
	}
	assert.Equal(t, prodBuckets, shows(t, email("alice")))
	assert.Len(t, records(t), len(prodBuckets))
}
