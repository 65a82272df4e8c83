// Package childproc starts child processes that end when this process does,
// also when it is killed, together with everything that they started.
//
// Between the two runs a watchdog: this program itself, started once more. It
// reads a pipe whose writing end only this process has, so that the pipe ends
// with this process on any Unix; then it ends the child's process group.
package childproc

import (
	"io"
	"os"
	"os/exec"
	"syscall"
)

// Process is a command that runs in a process group of its own.
type Process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	done  chan struct{}
	err   error
}

// Start starts a command, which must not have a Stdin. The command inherits its
// ExtraFiles. A program that can't be started shows as an exit with code 1.
func Start(command *exec.Cmd) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, append([]string{command.Path}, command.Args[1:]...)...)
	cmd.Dir = command.Dir
	cmd.Env = append(command.Environ(), watchdogVariable+"=1")
	cmd.Stdout, cmd.Stderr = command.Stdout, command.Stderr
	// The watchdog never closes these, and passes them on with their numbers.
	cmd.ExtraFiles = command.ExtraFiles
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}

	p := &Process{cmd: cmd, stdin: stdin, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// Done is closed when the command has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Ended returns whether the command has ended.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Err waits until the command has ended, and returns how, as exec.Cmd.Wait does.
func (p *Process) Err() error {
	<-p.done
	return p.err
}

// Kill kills the command and everything that it started, without a warning. It does not wait.
func (p *Process) Kill() { _ = p.cmd.Process.Signal(killSignal) }

// Stop ends the command and everything that it started, and waits for that. It
// sends SIGTERM, and SIGKILL five seconds later.
func (p *Process) Stop() {
	_ = p.stdin.Close()
	<-p.done
}
