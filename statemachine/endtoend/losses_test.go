package endtoend

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// changeGroup adds the users of numbers from one to before another to the group, or
// removes them.
func changeGroup(t testing.TB, from, to int, member bool) {
	t.Helper()
	work, ctx := errgroup.WithContext(t.Context())
	work.SetLimit(8)
	for i := from; i < to; i++ {
		work.Go(func() error {
			if username := fmt.Sprintf("user%03d", i); member {
				return fixtures.AddToGroup(ctx, username, devUsers)
			} else {
				return fixtures.RemoveFromGroup(ctx, username, devUsers)
			}
		})
	}
	require.NoError(t, work.Wait())
}

// A run stops before it takes access from more people than it may, until somebody who
// looked accepts it.
func TestManyLossesStopARunUntilTheyAreAccepted(t *testing.T) {
	resetFixtures(t, manyUsers(100)...)
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	before := updatedAt(t)
	changeGroup(t, 0, 50, false)

	e := triggerRun(t)

	requireFailed(t, e, pathDiscoverFailed)
	assert.Equal(t, "TooManyLosses", e.err)
	assert.Equal(t, before, updatedAt(t), "nobody was touched")
	assert.True(t, triggerExists(t))
	mails := receiveMails(t)
	require.Len(t, mails, 1)
	for _, text := range []string{
		"50 people would lose access, of 100 who have some", "user000 <user000@example.org>: everything (digipres-dev1)", "user019 <", "and 30 more",
		`{"acceptLosses": true}`, "sync-users start --accept-losses", "sync-users plan", "TRIGGER, if one started the run, is still in place",
	} {
		assert.Contains(t, mails[0].Message, text)
	}
	assert.NotContains(t, mails[0].Message, "user020")

	dry := startRun(t, `{"dryRun":true,"changedOnly":true}`)
	requireSucceeded(t, dry, withoutListing(pathSucceeded))
	assert.Contains(t, localtest.ReadReport(t, cloud, dry.name).TooManyLosses, "50 people would lose access")

	changeGroup(t, 11, 50, true)
	oneAbove := startRun(t, `{"changedOnly":true}`)
	requireFailed(t, oneAbove, withoutListing(pathDiscoverFailed))
	assert.Equal(t, "TooManyLosses", oneAbove.err)
	assert.Contains(t, oneAbove.cause, "11 people would lose access, of 100 who have some")
	assert.Equal(t, before, updatedAt(t))

	changeGroup(t, 10, 11, true)
	atTheLimit := startRun(t, `{"changedOnly":true}`)
	requireSucceeded(t, atTheLimit, withoutListing(pathSucceeded))
	assert.Equal(t, run.Totals{Users: 10, Revoked: 10}, localtest.ReadReport(t, cloud, atTheLimit.name).Totals)

	changeGroup(t, 10, 50, false)
	accepted := startRun(t, `{"acceptLosses":true}`)
	requireSucceeded(t, accepted, pathSucceeded)
	assert.Equal(t, run.Totals{Users: 100, Unchanged: 50, Revoked: 40, Skipped: 10}, localtest.ReadReport(t, cloud, accepted.name).Totals)
	requireSucceeded(t, triggerRun(t), pathTriggerDeleted)
}

// What the last runs gave is not known: that is no reason to take anything away unseen,
// and none to give nothing to a single user.
func TestADamagedSnapshotStopsARunUntilItIsAccepted(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	putRunsObject(t, "access.json", `{"accounts":`)

	e := startRun(t, `{}`)
	requireFailed(t, e, pathDiscoverFailed)
	assert.Equal(t, "TooManyLosses", e.err)
	assert.Contains(t, e.cause, "access.json, which says what people have, can't be read")
	requireSucceeded(t, startRun(t, `{"username":"alice"}`), withoutListing(pathSucceeded))
	assert.Equal(t, devBuckets, mappedBuckets(t, email("alice")))

	requireSucceeded(t, startRun(t, `{"acceptLosses":true}`), pathSucceeded)
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
}
