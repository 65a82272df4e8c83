package local

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// stopTimeout is the longest that a cloud may take to end.
const stopTimeout = 30 * time.Second

// StopRunning ends the cloud of that name, whichever process runs it, and waits
// until it has ended. It returns false if there was none.
func StopRunning(ctx context.Context, root, name string) (bool, error) {
	folder := cloudFolder(root, name)
	pid, err := lockOwner(folder)
	if err != nil || pid == 0 {
		return false, err
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return false, fmt.Errorf("end process %d: %w", pid, err)
	}
	return backoff.Retry(ctx, func() (bool, error) {
		owner, err := lockOwner(folder)
		if err == nil && owner != 0 {
			err = fmt.Errorf("process %d does not end", owner)
		}
		return err == nil, err
	}, backoff.WithBackOff(backoff.NewConstantBackOff(50*time.Millisecond)), backoff.WithMaxElapsedTime(stopTimeout))
}
