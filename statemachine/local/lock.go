package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
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
	if err := flock(file); err != nil {
		defer file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s is in use by another process: end that first", folder)
		}
		return nil, err
	}
	err = file.Truncate(0)
	if err == nil {
		_, err = file.WriteString(strconv.Itoa(os.Getpid()))
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
	switch err := flock(file); {
	case err == nil:
		return 0, nil
	case !errors.Is(err, syscall.EWOULDBLOCK):
		return 0, err
	}
	text, err := os.ReadFile(lockFile(folder))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

func flock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

func lockFile(folder string) string { return folder + ".pid" }
