package program

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/hint"
)

// UsageError returns an error of the arguments with a hint at the command's help.
func UsageError(cmd *cobra.Command, err error) error {
	return hint.With(err, fmt.Sprintf("`%s --help` shows how it is used.", cmd.CommandPath()))
}

// MaxArgs is for commands that take up to n arguments; with 0, flags only.
func MaxArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) <= n:
			return nil
		case cmd.HasSubCommands():
			return UsageError(cmd, fmt.Errorf("there is no command %q%s", args[0], suggestion(cmd, args[0])))
		}
		return UsageError(cmd, fmt.Errorf("unexpected argument %q", args[n]))
	}
}

func suggestion(cmd *cobra.Command, name string) string {
	cmd.SuggestionsMinimumDistance = 2 // cobra's own default
	if names := cmd.SuggestionsFor(name); len(names) > 0 {
		return "; did you mean " + strings.Join(names, " or ") + "?"
	}
	return ""
}
