// Package endtoend runs the command lines as processes against the laptop cloud, and
// checks their output, their exit codes, the accounts in SFTPGo, and the partner's files.
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
	// syncUsersProgram and syncFilesProgram are the files of the command lines.
	syncUsersProgram, syncFilesProgram string
)

func TestMain(m *testing.M) {
	localtest.Main(m, local.Config{Name: "cli", Systems: []string{local.SyncUsers, local.SendFiles}}, func(ctx context.Context, c *local.Cloud) error {
		cloud, fixtures = c, localtest.Fixtures(c)
		folder := filepath.Dir(c.Logs)
		syncUsersProgram, syncFilesProgram = filepath.Join(folder, "sync-users"), filepath.Join(folder, "sync-files")
		build := exec.CommandContext(ctx, "go", "build", "-o", folder, "../sync-users", "../sync-files")
		build.Stderr = os.Stderr
		// Interrupted, it waits for its compilers; killed, it leaves them running.
		build.Cancel = func() error { return build.Process.Signal(os.Interrupt) }
		if err := build.Run(); err != nil {
			return fmt.Errorf("build the command lines: %w", err)
		}
		return nil
	})
}
