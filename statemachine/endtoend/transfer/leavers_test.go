package transfer

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// TestWhomNobodyClaimsIsRevoked deletes one IAM user and gives another a different address.
func TestWhomNobodyClaimsIsRevoked(t *testing.T) {
	require.NoError(t, members.CreateUsers(t.Context(), fixture.User{Username: "gone", Email: email("gone"), NoAccount: true, NoKeys: true, Groups: []string{devUsers}}))
	gone, moved, movedTo := newTransferUser(t, email("gone")), newMember(t, "moved", devUsers), newTransferUser(t, email("movedto"))
	runFor(t, `{}`)
	for _, p := range []person{gone, moved} {
		require.Equal(t, devBuckets, listing(t, p.login(t), "/"), p.name)
	}
	require.NoError(t, members.DeleteUser(t.Context(), "gone", devUsers))
	require.NoError(t, members.SetEmail(t.Context(), "moved", movedTo.name))

	results := runFor(t, `{}`)

	for _, p := range []person{gone, moved} {
		result := results[p.name]
		assert.Equal(t, run.Revoked, result.Outcome, result.Reason)
		assert.Contains(t, result.Reason, "no IAM user has this Email tag")
		assert.Equal(t, devBuckets, result.Removed)
		assert.Contains(t, *p.describe(t).Policy, `"Deny"`)
		session := p.login(t)
		assert.Empty(t, listing(t, session, "/"), p.name)
		_, err := session.ReadDir("/" + devBuckets[0])
		require.Error(t, err, p.name)
	}
	assert.Equal(t, run.Updated, results["moved"].Outcome)
	session := movedTo.login(t)
	assert.Equal(t, devBuckets, listing(t, session, "/"))
	require.NoError(t, put(session, "/"+devBuckets[0]+"/letter.txt", "x"))
	assert.Empty(t, runFor(t, `{"changedOnly":true}`), "nothing is left to do")
}
