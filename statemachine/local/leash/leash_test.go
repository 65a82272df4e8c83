package leash_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/leash"
)

// parent in the environment makes the test binary a process that starts a
// shell on a leash and then waits to be killed.
const parent = "LEASH_TEST_PARENT"

// stubborn prints its id and its child's, and does not end on SIGTERM.
const stubborn = `trap '' TERM; sleep 60 & echo $$; echo $!; wait; wait`

func TestMain(m *testing.M) {
	leash.Main()
	if os.Getenv(parent) != "" {
		cmd := exec.Command("sh", "-c", "sleep 60 & echo $$; echo $!; wait")
		cmd.Stdout = os.Stdout
		if _, err := leash.Start(cmd); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		select {}
	}
	os.Exit(m.Run())
}

func TestStop(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give string
	}{
		{name: "a command and what it started", give: "sleep 60 & echo $$; echo $!; wait"},
		{name: "a command that ignores SIGTERM", give: stubborn},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, in := io.Pipe()
			cmd := exec.Command("sh", "-c", tt.give)
			cmd.Stdout = in
			p, err := leash.Start(cmd)
			require.NoError(t, err)
			pids := readPids(t, out)

			p.Stop()

			for _, pid := range pids {
				gone(t, pid)
			}
		})
	}
}

func TestParentKilled(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), parent+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	pids := readPids(t, out)

	require.NoError(t, cmd.Process.Kill())

	for _, pid := range pids {
		gone(t, pid)
	}
	_ = cmd.Wait()
}

func TestExit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give []string
		want int
	}{
		{name: "success", give: []string{"sh", "-c", "exit 0"}, want: 0},
		{name: "failure", give: []string{"sh", "-c", "exit 7"}, want: 7},
		{name: "signal", give: []string{"sh", "-c", "kill -9 $$"}, want: 137},
		{name: "no such program", give: []string{"/nowhere/at-all"}, want: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := leash.Start(exec.Command(tt.give[0], tt.give[1:]...))
			require.NoError(t, err)
			<-p.Done()

			code := 0
			if exit := new(exec.ExitError); errors.As(p.Err(), &exit) {
				code = exit.ExitCode()
			}

			assert.Equal(t, tt.want, code)
		})
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	cmd := exec.Command("/usr/bin/env")
	cmd.Env = []string{"ONLY=this"}
	cmd.Stdout = &out

	p, err := leash.Start(cmd)
	require.NoError(t, err)
	<-p.Done()

	assert.Equal(t, "ONLY=this\n", out.String())
}

func readPids(t *testing.T, r io.Reader) []int {
	t.Helper()
	var pids []int
	lines := bufio.NewScanner(r)
	for len(pids) < 2 && lines.Scan() {
		pid, err := strconv.Atoi(lines.Text())
		require.NoError(t, err)
		pids = append(pids, pid)
	}
	require.Len(t, pids, 2)
	return pids
}

// gone waits until no process has the id. A zombie that its reaper has not
// seen yet still has one, so it polls.
func gone(t *testing.T, pid int) {
	t.Helper()
	assert.Eventually(t, func() bool {
		return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	}, 10*time.Second, 10*time.Millisecond, "process %d is still there", pid)
}
