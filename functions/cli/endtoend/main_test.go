// Package endtoend runs the command line as a process against the laptop cloud, and
// checks its output, its exit code, and the accounts in SFTPGo.
package endtoend

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// The tests share one cloud and run one after the other, because a sync is about all
// users of the account. Each begins with newFixture.
var (
	cloud    *local.Cloud
	fixtures *fixture.Set
	binary   string
)

func TestMain(m *testing.M) {
	localtest.Main(m, local.Config{Name: "cli"}, func(ctx context.Context, c *local.Cloud) error {
		cloud, fixtures = c, localtest.Fixtures(c)
		binary = filepath.Join(filepath.Dir(c.Logs), "sync-users")
		build := exec.CommandContext(ctx, "go", "build", "-o", binary, "../sync-users")
		build.Stderr = os.Stderr
		// Interrupted, it waits for its compilers; killed, it leaves them running.
		build.Cancel = func() error { return build.Process.Signal(os.Interrupt) }
		if err := build.Run(); err != nil {
			return fmt.Errorf("build the command line: %w", err)
		}
		return nil
	})
}
