// Package leash starts processes that do not outlive this one, however it ends:
// a SIGKILL or an interrupted test run included.
//
// Between the two stands this program itself, started once more as a leash. It
// holds the reading end of a pipe whose writing end only the first process has,
// so the pipe ends when that process does, on any Unix.
package leash

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

// mark in the environment tells a process that it is a leash.
const mark = "SYNC_USERS_LEASH"

// grace is how long a process may take to end after SIGTERM.
const grace = 5 * time.Second

// Main makes this process a leash if Start began it as one, and then never
// returns. Call it first thing in main, or in TestMain.
func Main() {
	if code, held := Hold(); held {
		os.Exit(code)
	}
}

// Hold is Main for a program that has something to do before it ends: if this
// process is a leash, held is true and the code is that to exit with.
func Hold() (code int, held bool) {
	if os.Getenv(mark) == "" {
		return 0, false
	}
	code, err := hold(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "leash:", err)
	}
	return code, true
}

// hold runs a command until it ends or standard input does, and returns its
// exit code.
func hold(args []string) (int, error) {
	if err := os.Unsetenv(mark); err != nil {
		return 1, err
	}
	// Ctrl-C reaches a whole terminal; who holds the pipe decides what it means.
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
		time.AfterFunc(grace, func() { _ = syscall.Kill(group, syscall.SIGKILL) })
	}()

	err := cmd.Wait()
	// What the command itself started ends with it.
	_ = syscall.Kill(group, syscall.SIGKILL)
	return exitCode(cmd.ProcessState), exitless(err)
}

// exitCode is 128+n for a command that signal n ended, as in a shell.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

// exitless drops the error that says no more than the exit code.
func exitless(err error) error {
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return nil
	}
	return err
}
