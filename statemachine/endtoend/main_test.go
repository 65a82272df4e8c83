// Package endtoend tests the deployed workflow in the laptop cloud: it starts
// runs as an operator does, and reads what an operator reads.
package endtoend

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// The tests share one cloud and run one after the other, since a run is about
// all users of the account; each begins with resetFixtures.
var (
	cloud    *local.Cloud
	fixtures *fixture.Set
)

func TestMain(m *testing.M) {
	localtest.Main(m, local.Config{Name: "endtoend", Settings: map[string]string{"changesEvery": "5"}}, func(_ context.Context, c *local.Cloud) error {
		cloud, fixtures = c, localtest.Fixtures(c)
		return nil
	})
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, localtest.Timeout, localtest.Interval, what)
}
