// Package localtest starts a laptop cloud for the tests of a package, and has what
// such tests share.
package localtest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/childproc"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// Main is a package's TestMain: it starts a cloud, hands it to prepare, runs the
// tests and stops the cloud, also when they are interrupted. It does not return.
// Unless the config says otherwise, state machines retry ten times as fast as defined.
func Main(m *testing.M, config local.Config, prepare func(context.Context, *local.Cloud) error) {
	childproc.ExitIfWatchdog()
	code, err := runTests(m, config, prepare)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M, config local.Config, prepare func(context.Context, *local.Cloud) error) (int, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config.Progress, config.RetrySpeed = os.Stderr, cmp.Or(config.RetrySpeed, 10)
	cloud, err := local.Start(ctx, config)
	if err != nil {
		return 1, err
	}
	defer cloud.Stop()
	defer context.AfterFunc(ctx, func() {
		cloud.Stop()
		os.Exit(1)
	})()
	// Interrupted tests leave temporary files behind. The cloud's folder is emptied
	// at the next start.
	if err := os.Setenv("TMPDIR", filepath.Dir(cloud.Logs)); err != nil {
		return 1, err
	}
	if err := prepare(ctx, cloud); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// Fixtures are created in the cloud by SFTPGo's own address instead of the
// proxy's, whose counts and faults are for what is tested.
func Fixtures(cloud *local.Cloud) *fixture.Set {
	return fixture.New(cloud.AWS(), fixture.NewSFTPGo(cloud.SFTPGo.DirectURL, cloud.SFTPGoUsername, cloud.SFTPGoPassword))
}
