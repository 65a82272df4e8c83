package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/digipres/sync-users/functions/cli/console"
)

// The exit codes.
const (
	done = 0
	// failed: the command, or somebody's sync, ended with an error.
	failed = 1
	// changes: a plan has some, as `terraform plan -detailed-exitcode` says it.
	changes = 2
	// interrupted, as a shell counts it: 128 and the number of SIGINT.
	interrupted = 130
)

// Run is the command line: it does what the arguments say and returns the exit
// code. An error leaves stdout empty and is one paragraph on stderr. When the
// context ends, a sync finishes the people it has begun and begins no other.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{in: stdin, out: stdout, err: stderr, connect: connect}
	return a.run(ctx, args)
}

// app is one call of the command line.
type app struct {
	in       io.Reader
	out, err io.Writer
	flags    flags
	// connect leads to AWS and SFTPGo as the flags say.
	connect func(*flags) connections
	// console and connections are there once the flags are read.
	console *console.Console
	connections
}

// exit ends a command with a code when it has said all that there is to say.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	var code exit
	switch {
	case err == nil:
		return done
	case errors.As(err, &code):
		return int(code)
	}
	if a.console == nil { // the flags are wrong
		a.console = console.New(a.in, a.out, a.err, console.Options{})
	}
	if ctx.Err() != nil {
		a.console.Note(console.Say("Interrupted; nothing was changed."))
		return interrupted
	}
	a.console.Note(explainError(err)...)
	return failed
}
