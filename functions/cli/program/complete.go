package program

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
)

// Complete completes the first argument, or a flag, with the names in a list.
func Complete(env *Environment, list func(context.Context, connect.Connections) []cobra.Completion) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
		if len(args) == 0 {
			names = list(cmd.Context(), env.Connect(&env.Flags))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
