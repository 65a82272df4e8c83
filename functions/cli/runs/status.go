package runs

import (
	"strings"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/run"
)

// StatusText returns a status in words.
func StatusText(s run.Status) string { return strings.ReplaceAll(string(s), "_", " ") }

// StatusSpan returns a status in words and its color.
func StatusSpan(s run.Status) console.Span { return statusTones[s].Text(StatusText(s)) }

var statusTones = map[run.Status]console.Tone{
	run.StatusRunning:        console.Warning,
	run.StatusPendingRedrive: console.Warning,
	run.StatusSucceeded:      console.Good,
	run.StatusFailed:         console.Bad,
	run.StatusTimedOut:       console.Bad,
	run.StatusAborted:        console.Bad,
}
