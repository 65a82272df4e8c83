// Package endtoend runs the deployed workflow on the laptop cloud: it starts
// runs as a user would, and looks where a user would.
package endtoend

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/leash"
	"github.com/digipres/sync-users/statemachine/local/people"
)

// The tests share one cloud and run one after the other, since a run is about
// everybody in the account; each begins in an empty town.
var (
	cloud *local.Cloud
	town  *people.Town
)

func TestMain(m *testing.M) {
	leash.Main()
	os.Exit(withCloud(m.Run))
}

func withCloud(run func() int) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if cloud, err = local.Start(ctx, local.Config{Name: "endtoend", Progress: os.Stderr}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer cloud.Stop()
	undisturbed := context.AfterFunc(ctx, func() {
		cloud.Stop()
		os.Exit(1)
	})
	defer undisturbed()
	// The town is furnished without the proxy, whose counts and faults are the
	// workflow's alone.
	town = people.NewTown(cloud.AWS(), people.NewSFTPGo(cloud.SFTPGo.Direct(), cloud.SFTPGoUsername, cloud.SFTPGoPassword))
	return run()
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
