// Package localtest gives the tests of a package a laptop cloud to share.
package localtest

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/leash"
	"github.com/digipres/sync-users/statemachine/local/people"
)

// Main is a package's TestMain: it starts a cloud, hands it to prepare, runs the
// tests and stops the cloud, also when somebody interrupts them. It does not
// return.
func Main(m *testing.M, config local.Config, prepare func(context.Context, *local.Cloud) error) {
	leash.Main()
	code, err := run(m, config, prepare)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M, config local.Config, prepare func(context.Context, *local.Cloud) error) (int, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config.Progress = os.Stderr
	cloud, err := local.Start(ctx, config)
	if err != nil {
		return 1, err
	}
	defer cloud.Stop()
	undisturbed := context.AfterFunc(ctx, func() {
		cloud.Stop()
		os.Exit(1)
	})
	defer undisturbed()
	// Tests that are interrupted clear nothing up. The cloud's folder is emptied at
	// the next start.
	if err := os.Setenv("TMPDIR", filepath.Dir(cloud.Logs)); err != nil {
		return 1, err
	}
	if err := prepare(ctx, cloud); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// Town is the cloud's. It is furnished past the proxy before SFTPGo, whose counts
// and faults are for what is tested.
func Town(cloud *local.Cloud) *people.Town {
	return people.NewTown(cloud.AWS(), people.NewSFTPGo(cloud.SFTPGo.Direct(), cloud.SFTPGoUsername, cloud.SFTPGoPassword))
}
