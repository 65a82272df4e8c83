package leash

import (
	"io"
	"os"
	"os/exec"
	"syscall"
)

// Process is a command on a leash.
type Process struct {
	cmd  *exec.Cmd
	hold io.Closer
	done chan struct{}
	err  error
}

// Start starts a command, which must not have a Stdin, on a leash. An error
// of the command's own start shows as its exit.
func Start(command *exec.Cmd) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, append([]string{command.Path}, command.Args[1:]...)...)
	cmd.Dir = command.Dir
	cmd.Env = append(command.Environ(), mark+"=1")
	cmd.Stdout, cmd.Stderr = command.Stdout, command.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}

	p := &Process{cmd: cmd, hold: hold, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// Done is closed when the command has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err tells how the command ended, as exec.Cmd.Wait does. It is nil until Done
// is closed.
func (p *Process) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// Stop ends the command and everything it started, and waits for that. It asks
// first and insists after five seconds.
func (p *Process) Stop() {
	_ = p.hold.Close()
	<-p.done
}
