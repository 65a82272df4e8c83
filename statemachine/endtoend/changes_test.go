package endtoend

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/gateway"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// usernames returns whom a run was about, in order.
func usernames(t testing.TB, e execution) []string {
	t.Helper()
	var names []string
	for name := range readReport(t, e) {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// discoveryCalls returns the calls of discover-users since the last reset.
func discoveryCalls() (n int, calls map[gateway.Call]int) {
	calls = cloud.Calls.Total()
	for call, count := range calls {
		if call.Caller != discoverUsers {
			delete(calls, call)
			continue
		}
		n += count
	}
	return n, calls
}

func TestOnlyThoseWhoChangedAreSynced(t *testing.T) { syncOnlyThoseWhoChanged(t, 100) }

// BenchmarkOnlyThoseWhoChanged does with a thousand users what the test does with a
// hundred, and reports the calls of a run that finds nothing changed.
func BenchmarkOnlyThoseWhoChanged(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(float64(syncOnlyThoseWhoChanged(b, 1000)), "calls/run")
	}
}

// syncOnlyThoseWhoChanged has nothing change, and then the memberships of two users and
// the keys of a third. It returns the calls of the run that found nothing changed.
func syncOnlyThoseWhoChanged(t testing.TB, users int) (calls int) {
	resetFixtures(t, manyUsers(users)...)
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	ctx := t.Context()
	changed := startRun(t, `{"changedOnly":true}`)
	requireSucceeded(t, changed, pathNothingChanged)

	cloud.Calls.Reset()
	cloud.SFTPGo.Reset()
	nobody := startRun(t, `{"changedOnly":true}`)
	requireSucceeded(t, nobody, pathNothingChanged)
	calls, byName := discoveryCalls()
	assert.LessOrEqual(t, calls, 12, "%v", byName)
	assert.Empty(t, cloud.SFTPGo.Calls())
	t.Logf("nothing changed, %d users: %d calls: %v", users, calls, byName)

	require.NoError(t, fixtures.AddToGroup(ctx, "user007", prodUsers))
	require.NoError(t, fixtures.RemoveFromGroup(ctx, "user050", devUsers))
	_, err := fixtures.RotateKeys(ctx, "user099")
	require.NoError(t, err)
	changed = startRun(t, `{"changedOnly":true}`)
	requireSucceeded(t, changed, withoutListing(pathSucceeded))
	results := readReport(t, changed)
	assert.Equal(t, []string{"user007", "user050", "user099"}, usernames(t, changed))
	assert.Equal(t, prodBuckets, results["user007"].Added)
	assert.Equal(t, run.Revoked, results["user050"].Outcome)
	assert.True(t, results["user099"].KeyRotated)
	assert.True(t, localtest.ReadReport(t, cloud, changed.name).ChangedOnly)

	requireSucceeded(t, startRun(t, `{"changedOnly":true}`), pathNothingChanged)
	return calls
}

// A new bucket is everybody's who is in the stack, and nobody else's.
func TestANewBucketChangesItsStack(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers), newUser("bob", prodUsers))
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	require.NoError(t, fixtures.CreateBuckets(t.Context(), "digipres-dev1-more"))

	e := startRun(t, `{"changedOnly":true}`)

	requireSucceeded(t, e, withoutListing(pathSucceeded))
	assert.Equal(t, []string{"alice"}, usernames(t, e))
	assert.Equal(t, []string{"digipres-dev1-more"}, readReport(t, e)["alice"].Added)
}

func TestThoseWhoFailedAreAmongTheChanged(t *testing.T) {
	keyless := newUser("keyless", devUsers)
	keyless.NoKeys = true
	resetFixtures(t, newUser("alice", devUsers), keyless)
	requireFailed(t, startRun(t, `{}`), pathUsersFailed)

	again := startRun(t, `{"changedOnly":true}`)
	requireFailed(t, again, withoutListing(pathUsersFailed))
	assert.Equal(t, []string{"keyless"}, usernames(t, again))

	_, err := fixtures.RotateKeys(t.Context(), "keyless")
	require.NoError(t, err)
	e := startRun(t, `{"changedOnly":true}`)
	requireSucceeded(t, e, withoutListing(pathSucceeded))
	assert.Equal(t, run.Updated, readReport(t, e)["keyless"].Outcome)
	requireSucceeded(t, startRun(t, `{"changedOnly":true}`), pathNothingChanged)
}

// While another run is going, a run for those who changed has nothing to wait for.
func TestARunForThoseWhoChangedDoesNotWait(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	begun, release := holdSyncs(t)
	long := localtest.StartRun(t, cloud, `{}`)
	begun()

	e := startRun(t, `{"changedOnly":true}`)

	requireSucceeded(t, e, withoutListing(pathSuperseded))
	assert.Contains(t, e.output, "a run for those who changed does not wait")
	release()
	requireSucceeded(t, waitForEnd(t, long), pathSucceeded)
}

// The schedule's input and names are what the workflow and `sync-users status` know.
func TestScheduleOfChanges(t *testing.T) {
	text, err := os.ReadFile(cloud.Template)
	require.NoError(t, err)
	template := string(text)
	assert.Contains(t, template, fmt.Sprintf(`\"Name\":\"%s<aws.scheduler.execution-id>\"`, run.ChangedOnlyPrefix))
	request, err := run.ParseRequest([]byte(`{"changedOnly":true}`), "")
	require.NoError(t, err)
	assert.Equal(t, run.Request{ChangedOnly: true}, request)
	assert.Contains(t, template, `\"Input\":\"{\\\"changedOnly\\\":true}\"`)
}
