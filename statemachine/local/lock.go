package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// A cloud's folder belongs to the process that has locked the file <folder>.pid,
// which holds that process's id. The lock ends with the process, so it can't go
// stale.

// lockFolder locks the folder until the returned file is closed.
func lockFolder(folder string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(lockFile(folder), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	err = flock(file)
	if err == nil {
		err = os.WriteFile(file.Name(), []byte(strconv.Itoa(os.Getpid())), 0o644)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("%s is in use by another process: end that first", folder)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// lockOwner returns the id of the process that has locked the folder, or 0.
func lockOwner(folder string) (int, error) {
	file, err := os.Open(lockFile(folder))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if err := flock(file); !errors.Is(err, syscall.EWOULDBLOCK) {
		return 0, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(text))
}

func flock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

func lockFile(folder string) string { return folder + ".pid" }

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
