package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// problem is an error of which the command knows what mends it.
type problem struct {
	err  error
	mend string
}

func (p *problem) Error() string { return p.err.Error() }
func (p *problem) Unwrap() error { return p.err }

// mended says what mends an error.
func mended(err error, mend string) error {
	if err == nil {
		return nil
	}
	return &problem{err, mend}
}

// misuse is an error of the arguments.
func misuse(cmd *cobra.Command, err error) error {
	return mended(err, fmt.Sprintf("`%s --help` shows how it is used.", cmd.CommandPath()))
}

// noArgs is for commands that take nothing but flags.
func noArgs(cmd *cobra.Command, args []string) error {
	return atMost(0)(cmd, args)
}

func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) <= n:
			return nil
		case n == 0 && cmd.HasSubCommands():
			return misuse(cmd, fmt.Errorf("there is no command %q%s", args[0], didYouMean(cmd, args[0])))
		}
		return misuse(cmd, fmt.Errorf("unexpected argument %q", args[n]))
	}
}

func didYouMean(cmd *cobra.Command, name string) string {
	// Cobra's own default for how different a suggestion may be.
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		return "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return ""
}

// mends is what to do about an error of a kind.
var mends = map[errkind.Kind]string{
	errkind.Throttled:         "Try again in a minute; with fewer at a time, if it is a sync.",
	errkind.Unavailable:       "Check the address and the network, and try again; `sync-users check` tries each part.",
	errkind.RunInProgress:     "Wait for its end: `sync-users status` shows it, and `sync --wait 10m` waits by itself.",
	errkind.Superseded:        "Nothing is to be done: the newer run does the same.",
	errkind.RunLockLost:       "Start another run; one that has ended must not be redriven.",
	errkind.NotEligible:       "`sync-users plan --all` lists everybody, and `sync-users explain` says why.",
	errkind.IncompleteReading: "Check that --profile and --region lead to the right account.",
	errkind.KeysMissing:       "Put both keys into Parameter Store.",
	errkind.Conflict:          "`sync-users explain` shows what there is.",
	errkind.AccessDenied:      "`sync-users check` tries the credentials and each permission.",
	errkind.Misconfigured:     "`sync-users check` tries each setting.",
	errkind.Unexpected:        "If that is no help, --log-level debug shows more.",
}

// explainError is an error as one paragraph, with what to do about it.
func explainError(err error) []console.Text {
	mend := mends[errkind.Of(err)]
	var known *problem
	if errors.As(err, &known) {
		mend = known.mend
	}
	text := oneLine(err)
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
		text += "."
	}
	return []console.Text{{Tone: console.Bad, Text: "Error:"}, console.Say(strings.TrimSpace(text + " " + mend))}
}

// oneLine is an error's text on one line.
func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ")), " ")
}
