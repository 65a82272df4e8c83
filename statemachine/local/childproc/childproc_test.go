package childproc_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/childproc"
)

// parentVariable in the environment makes the test binary a process that starts
// a shell and then waits to be killed.
const parentVariable = "CHILDPROC_TEST_PARENT"

// ignoresSIGTERM prints its id and its child's, and does not end on SIGTERM.
const ignoresSIGTERM = `trap '' TERM; sleep 60 & echo $$; echo $!; wait; wait`

// serverVariable makes it a server of the path /ready on file descriptor 3.
const serverVariable = "CHILDPROC_TEST_SERVER"

func TestMain(m *testing.M) {
	childproc.ExitIfWatchdog()
	if os.Getenv(serverVariable) != "" {
		listener, err := net.FileListener(os.NewFile(3, "listener"))
		if err == nil {
			http.HandleFunc("/ready", func(http.ResponseWriter, *http.Request) {})
			err = http.Serve(listener, nil)
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if os.Getenv(parentVariable) != "" {
		cmd := exec.Command("sh", "-c", "sleep 60 & echo $$; echo $!; wait")
		cmd.Stdout = os.Stdout
		if _, err := childproc.Start(cmd); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		select {}
	}
	os.Exit(m.Run())
}

func TestStopEndsTheProcessGroup(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give string
	}{
		{name: "a command and what it started", give: "sleep 60 & echo $$; echo $!; wait"},
		{name: "a command that ignores SIGTERM", give: ignoresSIGTERM},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, in := io.Pipe()
			cmd := exec.Command("sh", "-c", tt.give)
			cmd.Stdout = in
			p, err := childproc.Start(cmd)
			require.NoError(t, err)
			pids := readPIDs(t, out)

			p.Stop()

			for _, pid := range pids {
				requireGone(t, pid)
			}
		})
	}
}

func TestProcessGroupEndsWithItsParent(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), parentVariable+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	pids := readPIDs(t, out)

	require.NoError(t, cmd.Process.Kill())

	for _, pid := range pids {
		requireGone(t, pid)
	}
	_ = cmd.Wait()
}

func TestExitCode(t *testing.T) {
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
			p, err := childproc.Start(exec.Command(tt.give[0], tt.give[1:]...))
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

func TestStartServerPassesAListener(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serverVariable+"=1")

	process, url, err := childproc.StartServer(t.Context(), cmd, "ready")

	require.NoError(t, err)
	process.Stop()
	_, err = net.Dial("tcp", url.Host)
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestStartServerFails(t *testing.T) {
	t.Parallel()
	_, _, err := childproc.StartServer(t.Context(), exec.Command("sh", "-c", "exit 1"), "ready")
	require.Error(t, err, "the server ends before it answers")

	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serverVariable+"=1")
	_, _, err = childproc.StartServer(t.Context(), cmd, "elsewhere")
	require.ErrorContains(t, err, "404")
}

func TestEnvironmentIsTheCommands(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	cmd := exec.Command("/usr/bin/env")
	cmd.Env = []string{"ONLY=this"}
	cmd.Stdout = &out

	p, err := childproc.Start(cmd)
	require.NoError(t, err)
	<-p.Done()

	assert.Equal(t, "ONLY=this\n", out.String())
}

func readPIDs(t *testing.T, r io.Reader) []int {
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

// requireGone waits until no process has the id. A zombie that its reaper has
// not seen yet still has one.
func requireGone(t *testing.T, pid int) {
	t.Helper()
	require.Eventually(t, func() bool {
		return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	}, 10*time.Second, 10*time.Millisecond, "process %d still runs", pid)
}
