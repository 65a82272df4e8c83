package endtoend

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/people"
)

func TestAnAccountFollowsItsMemberships(t *testing.T) {
	newTown(t, person("alice", devUsers), person("bob", devUsers))
	ctx := t.Context()
	alice := email("alice")
	resultOf := func() run.Result {
		t.Helper()
		e := trigger(t)
		succeeded(t, e, wayOfTrigger)
		assert.False(t, triggerStands(t))
		return report(t, e)["alice"]
	}

	assert.Equal(t, run.Updated, resultOf().Outcome)
	assert.Equal(t, devBuckets, shows(t, alice))

	before := account(t, alice)["updated_at"]
	again := resultOf()
	assert.Equal(t, run.Unchanged, again.Outcome)
	assert.Equal(t, before, account(t, alice)["updated_at"], "what is right is not written")

	require.NoError(t, town.Join(ctx, "alice", prodUsers))
	joined := resultOf()
	assert.Equal(t, run.Updated, joined.Outcome)
	assert.Equal(t, prodBuckets, joined.Added)
	assert.Equal(t, append([]string{devBuckets[0], devBuckets[1]}, prodBuckets...), shows(t, alice))

	require.NoError(t, town.Leave(ctx, "alice", devUsers))
	left := resultOf()
	assert.Equal(t, run.Updated, left.Outcome)
	assert.Equal(t, devBuckets, left.Removed)
	assert.Equal(t, prodBuckets, shows(t, alice))
	assert.NotContains(t, records(t), key(alice)+"-digipres-dev1-data", "the record held keys")
	assert.NotContains(t, permissions(t, alice), "/digipres-dev1-data")

	id, err := town.RotateKeys(ctx, "alice")
	require.NoError(t, err)
	rotated := resultOf()
	assert.Equal(t, run.Updated, rotated.Outcome)
	assert.True(t, rotated.KeyRotated)
	for path, folder := range folders(t, alice) {
		assert.Equal(t, id, s3config(folder)["access_key"], path)
	}

	require.NoError(t, town.Leave(ctx, "alice", prodUsers))
	revoked := resultOf()
	assert.Equal(t, run.Revoked, revoked.Outcome)
	assert.Equal(t, prodBuckets, revoked.Removed)
	assert.Empty(t, folders(t, alice))
	assert.Equal(t, map[string][]string{"/": {"list"}}, permissions(t, alice))
	assert.Equal(t, []string{key(email("bob")) + "-" + devBuckets[0], key(email("bob")) + "-" + local.ManagedBucket}, records(t))

	assert.Equal(t, run.Skipped, resultOf().Outcome, "there is nothing left to revoke")
	assert.Equal(t, devBuckets, shows(t, email("bob")))
}

func TestWhatAnAdministratorAddedStays(t *testing.T) {
	newTown(t, person("alice", devUsers))
	ctx := t.Context()
	alice := email("alice")
	require.NoError(t, town.SFTPGo.AddFolder(ctx, people.Document{"name": "archive", "mapped_path": "/tmp/sftpgo-archive", "description": "by hand"}))
	user := account(t, alice)
	const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUjZRfeDIUFzXKoYvOZhBnkVWDTvxgS7JcBPGBRNFPI alice"
	user["virtual_folders"] = []any{people.Document{"name": "archive", "virtual_path": "/archive", "quota_size": 1000, "quota_files": 10}}
	user["permissions"].(people.Document)["/archive"] = []string{"list", "download"}
	user["permissions"].(people.Document)["/digipres-dev1-data/private"] = []string{"list"}
	user["quota_size"] = 123456789
	user["public_keys"] = []string{publicKey}
	user["description"] = "<not & ours>"
	user["filters"].(people.Document)["allowed_ip"] = []string{"10.0.0.0/8"}
	require.NoError(t, town.SFTPGo.PutUser(ctx, alice, user))
	cloud.SFTPGo.Inject(sftpgoAnswer(map[string]any{"from_the_future": map[string]any{"number": 12345678901234567}}))
	cloud.SFTPGo.Record()

	succeeded(t, start(t, `{}`), wayOfSuccess)
	require.NoError(t, town.Leave(ctx, "alice", devUsers))
	succeeded(t, start(t, `{}`), wayOfSuccess)

	puts := 0
	for _, request := range cloud.SFTPGo.Requests() {
		if request.Method == "PUT" && request.Path == "/api/v2/users/{name}" {
			puts++
			assert.Contains(t, string(request.Body), `"from_the_future":{"number":12345678901234567}`)
		}
	}
	assert.Equal(t, 2, puts)
	after := account(t, alice)
	assert.InEpsilon(t, 123456789, after["quota_size"], 0)
	assert.Equal(t, []any{publicKey}, after["public_keys"])
	assert.Equal(t, "<not & ours>", after["description"])
	assert.Equal(t, []any{"10.0.0.0/8"}, after["filters"].(people.Document)["allowed_ip"])
	assert.Equal(t, map[string][]string{
		"/": {"list"}, "/archive": {"list", "download"}, "/digipres-dev1-data/private": {"list"},
	}, permissions(t, alice))
	archive := folders(t, alice)["/archive"]
	require.NotNil(t, archive)
	assert.InEpsilon(t, 1000, archive["quota_size"], 0)
	assert.Equal(t, "by hand", archive["description"])
	assert.Equal(t, []string{"archive"}, records(t))
}

func TestTwoUsernamesOfOneKey(t *testing.T) {
	one, two := person("one", devUsers), person("two", prodUsers)
	one.Email, two.Email = "a.b@example.org", "a_b@example.org"
	newTown(t, one, two)

	succeeded(t, trigger(t), wayOfTrigger)

	assert.Equal(t, devBuckets, shows(t, one.Email))
	assert.Equal(t, prodBuckets, shows(t, two.Email))
	assert.Len(t, records(t), 4, "no record is shared")
}

func TestOneEmailTagOnTwoUsers(t *testing.T) {
	alicia := person("alicia", prodUsers)
	alicia.Email, alicia.NoAccount = email("alice"), true
	newTown(t, person("alice", devUsers), alicia, person("bob", devUsers))

	e := trigger(t)

	failed(t, e, wayOfSomeFailed)
	assert.True(t, triggerStands(t))
	results := report(t, e)
	for _, username := range []string{"alice", "alicia"} {
		assert.Equal(t, run.Failed, results[username].Outcome)
		assert.Equal(t, "Conflict", results[username].Error)
		assert.Contains(t, results[username].Reason, "also that of ali")
	}
	assert.Empty(t, folders(t, email("alice")))
	assert.Equal(t, run.Updated, results["bob"].Outcome)
}
