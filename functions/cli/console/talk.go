package console

import (
	"bufio"
	"fmt"
	"strings"

	"golang.org/x/term"
)

// Note tells a person something on Err, on a line of its own.
func (c *Console) Note(texts ...Text) { _ = c.err.say(texts...) }

// Preview shows a page to a person on Err, whatever the format is.
func (c *Console) Preview(page Page) error { return c.err.page(page) }

// Interactive tells whether somebody can be asked.
func (c *Console) Interactive() bool {
	fd, ok := descriptor(c.in)
	return ok && term.IsTerminal(fd) && c.err.terminal
}

// Confirm asks a question that is to be answered with yes or no. Anything else
// than yes is no.
func (c *Console) Confirm(question string) bool {
	_, _ = fmt.Fprint(c.err, c.err.paint(Text{Strong, question}, Say("[y/N] ")))
	answer, _ := bufio.NewReader(c.in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true
	}
	return false
}
