// Package endtoend runs the command line as a process against the laptop cloud,
// and looks at what it printed, how it ended, and what SFTPGo has then.
package endtoend

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/leash"
	"github.com/digipres/sync-users/statemachine/local/people"
)

// The tests share one cloud and run one after the other, since a sync is about
// everybody in the account; each begins in an empty town.
var (
	cloud  *local.Cloud
	town   *people.Town
	binary string
)

func TestMain(m *testing.M) {
	leash.Main()
	os.Exit(withCloud(m.Run))
}

func withCloud(run func() int) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	folder, err := os.MkdirTemp("", "sync-users-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "sync-users")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "..")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build the command line:", err)
		return 1
	}
	if cloud, err = local.Start(ctx, local.Config{Name: "cli", Progress: os.Stderr}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer cloud.Stop()
	undisturbed := context.AfterFunc(ctx, func() {
		cloud.Stop()
		os.Exit(1)
	})
	defer undisturbed()
	// The town is furnished without the proxy, whose faults are the command
	// line's alone.
	town = people.NewTown(cloud.AWS(), people.NewSFTPGo(cloud.SFTPGo.Direct(), cloud.SFTPGoUsername, cloud.SFTPGoPassword))
	return run()
}
