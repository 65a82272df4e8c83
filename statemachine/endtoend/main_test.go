// Package endtoend runs the deployed workflow on the laptop cloud: it starts
// runs as a user would, and looks where a user would.
package endtoend

import (
	"context"
	"testing"
	"time"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/localtest"
	"github.com/digipres/sync-users/statemachine/local/people"
)

// The tests share one cloud and run one after the other, since a run is about
// everybody in the account; each begins in an empty town.
var (
	cloud *local.Cloud
	town  *people.Town
)

func TestMain(m *testing.M) {
	localtest.Main(m, local.Config{Name: "endtoend"}, func(_ context.Context, c *local.Cloud) error {
		cloud, town = c, localtest.Town(c)
		return nil
	})
}

// patience is how long anything may take to happen.
const patience = 4 * time.Minute

// eventually asks until something has happened.
func eventually(t testing.TB, what string, happened func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !happened() {
		select {
		case <-deadline.C:
			t.Fatalf("%s: not after %s", what, patience)
		case <-tick.C:
		}
	}
}
