// Package console writes the output of a command: in color and wrapped to the
// width of a terminal, or plain into a pipe.
package console

import (
	"bufio"
	"io"
	"os"
	"strings"

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

type screen struct {
	io.Writer
	terminal bool
	color    bool
	// width is the terminal's, in columns; 0 if lines may have any length.
	width int
}

func newScreen(w io.Writer, noColor bool) screen {
	if !isTerminal(w) {
		return screen{Writer: w}
	}
	// https://no-color.org
	color := !noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	width, _, _ := term.GetSize(int(w.(*os.File).Fd()))
	return screen{Writer: w, terminal: true, color: color, width: width}
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Note writes a message to standard error, on a line of its own.
func (c *Console) Note(spans ...Span) { _, _ = io.WriteString(c.err, c.err.line(spans...)) }

// MessageWriter returns standard error, for what another program prints.
func (c *Console) MessageWriter() io.Writer { return c.err.Writer }

// Interactive returns whether Confirm can ask.
func (c *Console) Interactive() bool { return isTerminal(c.in) && c.err.terminal }

// Confirm asks a yes-or-no question. Any answer other than yes is no.
func (c *Console) Confirm(question string) bool {
	_, _ = io.WriteString(c.err, c.err.format(Bold.Text(question), Text("[y/N] ")))
	answer, _ := bufio.NewReader(c.in).ReadString('\n')
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}
