// Package deployment deploys, changes and destroys the stack as an operator
// does, in an account on the laptop that belongs to others too.
package deployment

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/leash"
)

// cloud has no stack until a test deploys it.
var cloud *local.Cloud

func TestMain(m *testing.M) {
	leash.Main()
	os.Exit(withCloud(m.Run))
}

func withCloud(run func() int) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if cloud, err = local.Start(ctx, local.Config{Name: "deployment", Undeployed: true, Progress: os.Stderr}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer cloud.Stop()
	undisturbed := context.AfterFunc(ctx, func() {
		cloud.Stop()
		os.Exit(1)
	})
	defer undisturbed()
	return run()
}
