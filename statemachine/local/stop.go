package local

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"time"
)

// stopLimit is the longest that a cloud may take to end.
const stopLimit = 30 * time.Second

// StopRunning ends the cloud of that name, whichever process holds it, and
// waits until it is gone. It returns false when there was none.
func StopRunning(ctx context.Context, root, name string) (bool, error) {
	folder := cloudFolder(root, name)
	pid, err := holder(folder)
	if err != nil || pid == 0 {
		return false, err
	}
	// The process that holds the lock, and no other, wrote this id.
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return false, fmt.Errorf("end process %d: %w", pid, err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, stopLimit, fmt.Errorf("process %d does not end", pid))
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if pid, err := holder(folder); err != nil || pid == 0 {
			return true, err
		}
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// Logs returns the folder with the logs of the cloud of that name, running or
// not.
func Logs(root, name string) string { return filepath.Join(cloudFolder(root, name), "logs") }
