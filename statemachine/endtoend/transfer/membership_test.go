package transfer

import (
	"slices"
	"testing"

	transferapi "github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// TestUserFollowsMemberships has bob join and leave groups. Each change costs two calls.
func TestUserFollowsMemberships(t *testing.T) {
	bob, carl := newMember(t, "bob", devUsers), newMember(t, "carl", prodUsers)
	before := bob.describe(t)
	syncBob := func() run.Result {
		t.Helper()
		cloud.Calls.Reset()
		result := runFor(t, `{"username":"bob"}`)["bob"]
		assert.Equal(t, 1, calls("DescribeUser"))
		assert.Equal(t, 1, calls("UpdateUser"))
		return result
	}

	first := syncBob()
	assert.Equal(t, run.Updated, first.Outcome)
	assert.Equal(t, devBuckets, first.Added)
	assert.Equal(t, mapped(devBuckets...), bob.sees(t))
	assert.Empty(t, carl.sees(t), "nobody else was synced")
	inDev := bob.login(t)

	join(t, "bob", prodUsers)
	t.Run("dry run", func(t *testing.T) {
		cloud.Calls.Reset()
		results := runFor(t, `{"dryRun":true}`)
		assert.Equal(t, prodBuckets, results["bob"].Added)
		assert.Equal(t, prodBuckets, results["carl"].Added)
		assert.Zero(t, calls("UpdateUser"))
		assert.Equal(t, mapped(devBuckets...), bob.sees(t))
		assert.Empty(t, carl.sees(t))
	})

	joined := syncBob()
	assert.Equal(t, run.Updated, joined.Outcome)
	assert.Equal(t, prodBuckets, joined.Added)
	session := bob.login(t)
	assert.Equal(t, slices.Concat(devBuckets, prodBuckets), listing(t, session, "/"))
	require.NoError(t, put(session, "/digipres-prod-archive/letter.txt", "x"))
	assert.Equal(t, devBuckets, listing(t, inDev, "/"), "an open session stays as it was")

	leave(t, "bob", devUsers)
	left := syncBob()
	assert.Equal(t, run.Updated, left.Outcome)
	assert.Equal(t, devBuckets, left.Removed)
	assert.Contains(t, left.Reason, "open sessions")
	session = bob.login(t)
	assert.Equal(t, prodBuckets, listing(t, session, "/"))
	_, err := session.ReadDir("/digipres-dev1-data")
	require.Error(t, err)
	require.NoError(t, put(inDev, "/digipres-dev1-data/late.txt", "x"), "an open session lives on")

	// Nobody who is in no group can be synced alone.
	leave(t, "bob", prodUsers)
	revoked := runFor(t, `{}`)["bob"]
	assert.Equal(t, run.Revoked, revoked.Outcome)
	assert.Equal(t, prodBuckets, revoked.Removed)
	session = bob.login(t)
	assert.Empty(t, listing(t, session, "/"))
	_, err = session.ReadDir("/digipres-prod-archive")
	require.Error(t, err)
	require.Error(t, put(session, "/digipres-prod-archive/letter.txt", "y"))
	assert.Contains(t, *bob.describe(t).Policy, `"Deny"`)

	join(t, "bob", prodUsers)
	assert.Equal(t, run.Updated, syncBob().Outcome)
	session = bob.login(t)
	assert.Equal(t, prodBuckets, listing(t, session, "/"))
	require.NoError(t, put(session, "/digipres-prod-archive/letter.txt", "z"))

	after := bob.describe(t)
	assert.Equal(t, before.SshPublicKeys, after.SshPublicKeys)
	assert.Equal(t, before.Role, after.Role)
	assert.Equal(t, before.Tags, after.Tags)
}

func TestIneligibleUserIsExplained(t *testing.T) {
	newIAMUser(t, fixture.User{Username: "staffer", Email: email("staffer"), Groups: []string{"staff"}})

	e := startRun(t, `{"username":"staffer"}`)

	assert.Equal(t, "NotEligible", e.err)
	assert.Contains(t, e.cause, "staffer is not eligible: no stack group")
}

// TestStoppedServer asserts that a server that nobody can log in to fails the run once,
// and not for each person.
func TestStoppedServer(t *testing.T) {
	dina := newMember(t, "dina", devUsers)
	_, err := users.API.StopServer(t.Context(), &transferapi.StopServerInput{ServerId: &users.ServerID})
	require.NoError(t, err)
	_, err = users.Login(dina.name, dina.key)
	require.Error(t, err)
	receiveMails(t)

	e := startRun(t, `{}`)

	_, err = users.API.StartServer(t.Context(), &transferapi.StartServerInput{ServerId: &users.ServerID})
	require.NoError(t, err)
	assert.Equal(t, "Misconfigured", e.err)
	assert.Contains(t, e.cause, "aws transfer start-server --server-id "+users.ServerID)
	assert.Len(t, receiveMails(t), 1)
	assert.Empty(t, dina.sees(t))
	dina.login(t)
}
