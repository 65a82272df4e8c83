package demo

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/digipres/sync-users/shared/domain/run"
)

// colour is a parameter of the terminal's SGR sequence. All are of two digits,
// so that a painted column stays as wide in every row.
type colour string

const (
	none   colour = "00"
	bold   colour = "01"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
	grey   colour = "90"
)

var outcomeColours = map[run.Outcome]colour{
	run.Updated: green, run.Unchanged: grey, run.Revoked: yellow, run.Skipped: grey, run.Failed: red,
}

// paint colours a text where there is a terminal to show it, unless the person
// wants none (https://no-color.org).
func (s show) paint(c colour, text string) string {
	if !s.colours {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

func wantsColours(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == ""
}
