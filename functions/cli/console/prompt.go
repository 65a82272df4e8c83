package console

import (
	"bufio"
	"io"
	"strings"

	"golang.org/x/term"
)

// Note writes a message to standard error, on a line of its own.
func (c *Console) Note(spans ...Span) { _, _ = io.WriteString(c.err, c.err.line(spans...)) }

// Interactive returns whether Confirm can ask.
func (c *Console) Interactive() bool {
	fd, ok := descriptor(c.in)
	return ok && term.IsTerminal(fd) && c.err.terminal
}

// Confirm asks a yes-or-no question. Any answer other than yes is no.
func (c *Console) Confirm(question string) bool {
	_, _ = io.WriteString(c.err, c.err.format(Bold.Text(question), Text("[y/N] ")))
	answer, _ := bufio.NewReader(c.in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true
	}
	return false
}
