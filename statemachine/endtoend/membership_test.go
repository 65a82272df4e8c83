package endtoend

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

func TestAccountFollowsItsMemberships(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers), newUser("bob", devUsers))
	ctx := t.Context()
	alice := email("alice")
	triggerAlice := func() run.Result {
		t.Helper()
		e := startRun(t, `{}`)
		requireSucceeded(t, e, pathSucceeded)
		return readReport(t, e)["alice"]
	}

	assert.Equal(t, run.Updated, triggerAlice().Outcome)
	assert.Equal(t, devBuckets, mappedBuckets(t, alice))

	before := getAccount(t, alice)["updated_at"]
	again := triggerAlice()
	assert.Equal(t, run.Unchanged, again.Outcome)
	assert.Equal(t, before, getAccount(t, alice)["updated_at"], "an account in sync is not written")

	require.NoError(t, fixtures.AddToGroup(ctx, "alice", prodUsers))
	joined := triggerAlice()
	assert.Equal(t, run.Updated, joined.Outcome)
	assert.Equal(t, prodBuckets, joined.Added)
	assert.Equal(t, append([]string{devBuckets[0], devBuckets[1]}, prodBuckets...), mappedBuckets(t, alice))

	require.NoError(t, fixtures.RemoveFromGroup(ctx, "alice", devUsers))
	left := triggerAlice()
	assert.Equal(t, run.Updated, left.Outcome)
	assert.Equal(t, devBuckets, left.Removed)
	assert.Equal(t, prodBuckets, mappedBuckets(t, alice))
	assert.NotContains(t, folderNames(t), folderPrefix(alice)+"-digipres-dev1-data", "the folder held keys")
	assert.NotContains(t, accountPermissions(t, alice), "/digipres-dev1-data")

	id, err := fixtures.RotateKeys(ctx, "alice")
	require.NoError(t, err)
	rotated := triggerAlice()
	assert.Equal(t, run.Updated, rotated.Outcome)
	assert.True(t, rotated.KeyRotated)
	for path, folder := range mappedFolders(t, alice) {
		assert.Equal(t, id, s3config(folder)["access_key"], path)
	}

	require.NoError(t, fixtures.RemoveFromGroup(ctx, "alice", prodUsers))
	revoked := triggerAlice()
	assert.Equal(t, run.Revoked, revoked.Outcome)
	assert.Equal(t, prodBuckets, revoked.Removed)
	assert.Empty(t, mappedFolders(t, alice))
	assert.Equal(t, map[string][]string{"/": {"list"}}, accountPermissions(t, alice))
	assert.Equal(t, []string{folderPrefix(email("bob")) + "-" + devBuckets[0], folderPrefix(email("bob")) + "-" + local.ManagedBucket}, folderNames(t))

	assert.Equal(t, run.Skipped, triggerAlice().Outcome, "there is nothing left to revoke")
	assert.Equal(t, devBuckets, mappedBuckets(t, email("bob")))
}

func TestAdministratorsChangesAreKept(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	ctx := t.Context()
	alice := email("alice")
	require.NoError(t, fixtures.SFTPGo.Do(ctx, http.MethodPost, "/api/v2/folders",
		fixture.Document{"name": "archive", "mapped_path": "/tmp/sftpgo-archive", "description": "by hand"}, nil))
	user := getAccount(t, alice)
	const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUjZRfeDIUFzXKoYvOZhBnkVWDTvxgS7JcBPGBRNFPI alice"
	user["virtual_folders"] = []any{fixture.Document{"name": "archive", "virtual_path": "/archive", "quota_size": 1000, "quota_files": 10}}
	user["permissions"].(fixture.Document)["/archive"] = []string{"list", "download"}
	user["permissions"].(fixture.Document)["/digipres-dev1-data/private"] = []string{"list"}
	user["quota_size"] = 123456789
	user["public_keys"] = []string{publicKey}
	user["description"] = "<not & ours>"
	user["filters"].(fixture.Document)["allowed_ip"] = []string{"10.0.0.0/8"}
	require.NoError(t, fixtures.SFTPGo.Do(ctx, http.MethodPut, "/api/v2/users/"+alice, user, nil))
	const unknown = `"unknown_field":{"number":12345678901234567}`
	puts := make(chan string, 10)
	cloud.SFTPGo.Intercept(func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		account := strings.HasPrefix(r.URL.Path, "/api/v2/users/")
		if account && r.Method == http.MethodPut {
			puts <- string(body)
		}
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, r)
		if answer := recorder.Body.String(); account && r.Method == http.MethodGet {
			recorder.Body.Reset()
			recorder.Body.WriteString("{" + unknown + "," + strings.TrimPrefix(answer, "{"))
		}
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
	})

	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	require.NoError(t, fixtures.RemoveFromGroup(ctx, "alice", devUsers))
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)

	require.Len(t, puts, 2)
	for range 2 {
		assert.Contains(t, <-puts, unknown)
	}
	after := getAccount(t, alice)
	assert.InEpsilon(t, 123456789, after["quota_size"], 0)
	assert.Equal(t, []any{publicKey}, after["public_keys"])
	assert.Equal(t, "<not & ours>", after["description"])
	assert.Equal(t, []any{"10.0.0.0/8"}, after["filters"].(fixture.Document)["allowed_ip"])
	assert.Equal(t, map[string][]string{
		"/": {"list"}, "/archive": {"list", "download"}, "/digipres-dev1-data/private": {"list"},
	}, accountPermissions(t, alice))
	archive := mappedFolders(t, alice)["/archive"]
	require.NotNil(t, archive)
	assert.InEpsilon(t, 1000, archive["quota_size"], 0)
	assert.Equal(t, "by hand", archive["description"])
	assert.Equal(t, []string{"archive"}, folderNames(t))
}

func TestUsernamesOfOneKeyShareNoFolder(t *testing.T) {
	one, two := newUser("one", devUsers), newUser("two", prodUsers)
	one.Email, two.Email = "a.b@example.org", "a_b@example.org"
	resetFixtures(t, one, two)

	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)

	assert.Equal(t, devBuckets, mappedBuckets(t, one.Email))
	assert.Equal(t, prodBuckets, mappedBuckets(t, two.Email))
	assert.Len(t, folderNames(t), 4, "no folder is shared")
}

func TestEmailTagOfTwoUsersFailsBoth(t *testing.T) {
	alicia := newUser("alicia", prodUsers)
	alicia.Email, alicia.NoAccount = email("alice"), true
	resetFixtures(t, newUser("alice", devUsers), alicia, newUser("bob", devUsers))

	e := triggerRun(t)

	requireFailed(t, e, pathUsersFailed)
	assert.True(t, triggerExists(t))
	results := readReport(t, e)
	for _, username := range []string{"alice", "alicia"} {
		assert.Equal(t, run.Failed, results[username].Outcome)
		assert.Equal(t, "Conflict", results[username].Error)
		assert.Contains(t, results[username].Reason, "also that of ali")
	}
	assert.Empty(t, mappedFolders(t, email("alice")))
	assert.Equal(t, run.Updated, results["bob"].Outcome)
}
