package childproc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// watchdogVariable is set in the environment of a process that is a watchdog.
const watchdogVariable = "SYNC_USERS_WATCHDOG"

// killSignal has a watchdog kill its command.
const killSignal = syscall.SIGUSR1

// gracePeriod is how long a command may take to end after SIGTERM.
const gracePeriod = 5 * time.Second

// ExitIfWatchdog runs the watchdog and exits if Start began this process as
// one. Call it first thing in main, or in TestMain.
func ExitIfWatchdog() {
	if code, isWatchdog := RunIfWatchdog(); isWatchdog {
		os.Exit(code)
	}
}

// RunIfWatchdog is ExitIfWatchdog for a program that has something to do before
// it exits: it returns the code to exit with.
func RunIfWatchdog() (code int, isWatchdog bool) {
	if os.Getenv(watchdogVariable) == "" {
		return 0, false
	}
	code, err := watch(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return code, true
}

// watch runs a command until it ends or standard input does, and returns its
// exit code.
func watch(args []string) (int, error) {
	if err := os.Unsetenv(watchdogVariable); err != nil {
		return 1, err
	}
	// Ctrl-C reaches every process of a terminal; the parent decides what ends.
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)

	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	group := -cmd.Process.Pid

	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = syscall.Kill(group, syscall.SIGTERM)
		time.AfterFunc(gracePeriod, func() { _ = syscall.Kill(group, syscall.SIGKILL) })
	}()

	kill := make(chan os.Signal, 1)
	signal.Notify(kill, killSignal)
	go func() {
		<-kill
		_ = syscall.Kill(group, syscall.SIGKILL)
	}()

	err := cmd.Wait()
	// Ends what the command itself started.
	_ = syscall.Kill(group, syscall.SIGKILL)
	if errors.As(err, new(*exec.ExitError)) {
		err = nil // The exit code says it.
	}
	return exitCode(cmd.ProcessState), err
}

// exitCode returns 128+n for a command that signal n ended, as a shell does.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
