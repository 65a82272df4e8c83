// Package endtoend runs the command line as a process against the laptop cloud,
// and looks at what it printed, how it ended, and what SFTPGo has then.
package endtoend

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/localtest"
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
	localtest.Main(m, local.Config{Name: "cli"}, func(ctx context.Context, c *local.Cloud) error {
		cloud, town = c, localtest.Town(c)
		binary = filepath.Join(filepath.Dir(c.Logs), "sync-users")
		build := exec.CommandContext(ctx, "go", "build", "-o", binary, "../sync-users")
		build.Stderr = os.Stderr
		// Asked to end, it waits for its compilers; killed, it leaves them behind.
		build.Cancel = func() error { return build.Process.Signal(os.Interrupt) }
		if err := build.Run(); err != nil {
			return fmt.Errorf("build the command line: %w", err)
		}
		return nil
	})
}
