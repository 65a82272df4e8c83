// Package console shows what a command has to say: to a person at a terminal
// in colours and to its width, to a program behind a pipe without either.
package console

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Console is where a command's output goes. What it found out goes to Out, and
// what it says meanwhile to Err, so that Out can be piped.
type Console struct {
	in       io.Reader
	out, err screen
	format   Format
}

// Options are a person's wishes.
type Options struct {
	Format Format
	// NoColor wants no colours on a terminal either.
	NoColor bool
}

// New makes a console of a process's three streams.
func New(in io.Reader, out, err io.Writer, options Options) *Console {
	return &Console{
		in:     in,
		out:    newScreen(out, options.NoColor),
		err:    newScreen(err, options.NoColor),
		format: options.Format,
	}
}

// screen is a stream to write to.
type screen struct {
	io.Writer
	terminal bool
	color    bool
	// width is the terminal's, in columns; 0 where lines may have any length.
	width int
}

func newScreen(w io.Writer, noColor bool) screen {
	s := screen{Writer: w}
	fd, ok := descriptor(w)
	if !ok || !term.IsTerminal(fd) {
		return s
	}
	s.terminal = true
	// https://no-color.org
	s.color = !noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if width, _, err := term.GetSize(fd); err == nil {
		s.width = width
	}
	return s
}

func descriptor(stream any) (int, bool) {
	file, ok := stream.(interface{ Fd() uintptr })
	if !ok {
		return 0, false
	}
	return int(file.Fd()), true
}
