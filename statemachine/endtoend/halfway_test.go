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
	resetFixtures(t, newUser("alice", devUsers))
	ctx := t.Context()
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	folder := mappedFolders(t, email("alice"))["/digipres-dev1-data"]
	id := s3config(folder)["access_key"].(string)
	assert.Equal(t, "sync-users: access key version 1, secret key version 1", folder["description"])

	require.NoError(t, fixtures.StoreKeys(ctx, "alice", id, "another/secret+of/the+same+key"))
	e := startRun(t, `{}`)
	requireSucceeded(t, e, pathSucceeded)
	alice := readReport(t, e)["alice"]
	assert.Equal(t, run.Updated, alice.Outcome)
	assert.True(t, alice.KeyRotated)
	assert.Equal(t, "keys changed in Parameter Store", alice.Reason)
	for path, folder := range mappedFolders(t, email("alice")) {
		assert.Equal(t, "sync-users: access key version 2, secret key version 2", folder["description"], path)
		assert.Equal(t, id, s3config(folder)["access_key"], path)
	}

	for _, tt := range []struct {
		input, want string
		path        []string
	}{
		{`{}`, "everything was as it should be", pathSucceeded},
		{`{"refreshKeys":true,"dryRun":true}`, "keys written again", pathSucceeded},
		{`{}`, "everything was as it should be", pathSucceeded},
		{`{"refreshKeys":true,"username":"alice"}`, "keys written again", withoutListing(pathSucceeded)},
		{`{}`, "everything was as it should be", pathSucceeded},
	} {
		e := startRun(t, tt.input)
		requireSucceeded(t, e, tt.path)
		assert.Equal(t, tt.want, readReport(t, e)["alice"].Reason, tt.input)
	}
}

// Access goes although the record can't be deleted at first, and the record goes in
// the same run.
func TestARecordThatCantBeDeletedAtFirst(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	require.NoError(t, fixtures.RemoveFromGroup(t.Context(), "alice", devUsers))
	cloud.SFTPGo.Inject(sftpgo.Fault{
		Method: http.MethodDelete, Path: "/api/v2/folders/{name}", Status: http.StatusServiceUnavailable, Times: len(devBuckets),
	})

	e := startRun(t, `{}`)

	requireSucceeded(t, e, pathSucceeded)
	alice := readReport(t, e)["alice"]
	assert.Equal(t, run.Revoked, alice.Outcome)
	assert.Equal(t, devBuckets, alice.Removed)
	assert.Empty(t, mappedFolders(t, email("alice")))
	assert.Empty(t, folderNames(t))
}

func TestARecordThatCantBeDeletedForGood(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	require.NoError(t, fixtures.RemoveFromGroup(t.Context(), "alice", devUsers))
	cloud.SFTPGo.Inject(sftpgo.Fault{
		Method: http.MethodDelete, Path: "/api/v2/folders/{name}", Status: http.StatusForbidden, Times: 2 * len(devBuckets),
	})

	e := triggerRun(t)

	requireFailed(t, e, after(pathToServer, after([]string{"Sync each user", "Delete leftovers", "Summarize run", "Did anyone fail?", "Leftovers stay"}, pathMailed...)...))
	assert.Equal(t, "AccessDenied", e.err)
	assert.True(t, triggerExists(t))
	assert.Equal(t, run.Revoked, readReport(t, e)["alice"].Outcome)
	assert.Empty(t, mappedFolders(t, email("alice")), "access has ended")
	assert.Len(t, folderNames(t), len(devBuckets))
	got := receiveMails(t)
	require.Len(t, got, 1)
	assert.Contains(t, got[0].Message, "delete folder "+folderPrefix(email("alice"))+"-"+devBuckets[0])

	requireSucceeded(t, triggerRun(t), pathTriggerDeleted)
	assert.Empty(t, folderNames(t))
}

func TestRecordsThatWereCreatedAndNotMapped(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers), newUser("bob", prodUsers))
	cloud.SFTPGo.Inject(sftpgo.Fault{
		Method: http.MethodPut, Path: "/api/v2/users/{name}", Status: http.StatusForbidden, Times: 2,
	})

	e := startRun(t, `{}`)

	requireFailed(t, e, pathUsersFailed)
	assert.Equal(t, "AccessDenied", readReport(t, e)["alice"].Error)
	assert.Empty(t, folderNames(t), "nobody shows them, and they hold keys")

	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	assert.Equal(t, devBuckets, mappedBuckets(t, email("alice")))
	assert.Equal(t, prodBuckets, mappedBuckets(t, email("bob")))
}

// What none of the users with one Email tag should have goes; the rest waits until
// the tag is one user's.
func TestOneEmailTagOnTwoUsersTakesAwayWhatNoneShouldHave(t *testing.T) {
	alicia := newUser("alicia")
	alicia.Email, alicia.NoAccount = email("alice"), true
	resetFixtures(t, newUser("alice", devUsers, prodUsers))
	ctx := t.Context()
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	require.NoError(t, fixtures.CreateUsers(ctx, alicia))
	require.NoError(t, fixtures.RemoveFromGroup(ctx, "alice", devUsers))

	e := startRun(t, `{}`)

	requireFailed(t, e, pathUsersFailed)
	for _, username := range []string{"alice", "alicia"} {
		assert.Equal(t, "Conflict", readReport(t, e)[username].Error)
	}
	assert.Equal(t, prodBuckets, mappedBuckets(t, email("alice")))
	assert.Len(t, folderNames(t), len(prodBuckets))
}
