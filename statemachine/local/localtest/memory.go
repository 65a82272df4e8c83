package localtest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
)

// PeakMemory returns the most memory that a process has used, in bytes, or 0 on systems other
// than Linux. Linux's own count for a child that has ended includes what its parent used when
// it started the child: this process, with the contents of other tests in memory.
func PeakMemory(t testing.TB, pid int) int64 {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	var kibibytes int64
	_, err = fmt.Sscan(peak, &kibibytes)
	require.NoError(t, err)
	return kibibytes << 10
}

// PeakMemoryOf returns the most memory that a process of a deployed function has used, as
// PeakMemory does.
func PeakMemoryOf(t testing.TB, cloud *local.Cloud, function string) (most int64) {
	t.Helper()
	programs, err := filepath.Glob("/proc/[0-9]*/exe")
	require.NoError(t, err)
	for _, program := range programs {
		// Processes may have ended, or be those of other users.
		path, err := os.Readlink(program)
		if err != nil || !strings.HasPrefix(path, filepath.Join(filepath.Dir(cloud.Logs), "code", function+"-")) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(program)))
		require.NoError(t, err)
		most = max(most, PeakMemory(t, pid))
	}
	return most
}
