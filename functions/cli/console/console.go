// Package console writes the output of a command: in color and wrapped to the
// width of a terminal, or plain into a pipe.
package console

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Console is the standard streams of a command. Results go to out; messages,
// progress and questions go to err, so that out can be piped.
type Console struct {
	in       io.Reader
	out, err screen
	format   Format
}

// Format is the format of results.
type Format string

// The formats.
const (
	TableFormat Format = "table"
	JSONFormat  Format = "json"
	CSVFormat   Format = "csv"
)

// New returns a console on the three streams of a process.
func New(in io.Reader, out, err io.Writer, format Format, noColor bool) *Console {
	return &Console{in: in, out: newScreen(out, noColor), err: newScreen(err, noColor), format: format}
}

// screen is a stream to write to.
type screen struct {
	io.Writer
	terminal bool
	color    bool
	// width is the terminal's, in columns; 0 if lines may have any length.
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
