package command

import (
	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/program"
)

// maxCompletedRuns is how many runs the shell offers.
const maxCompletedRuns = 20

// completeUsername gives the names of IAM users to the shell.
func completeUsername(env *program.Environment) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
		account, err := env.Connect(&env.Flags).Account(cmd.Context())
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		users, err := account.Directory.IAMUsers(cmd.Context())
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		for _, user := range users {
			names = append(names, user.Username)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeRun gives the names of the latest runs to the shell.
func completeRun(env *program.Environment) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
		d, err := env.Connect(&env.Flags).Deployment(cmd.Context())
		if err != nil || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		latest, err := d.History.Latest(cmd.Context(), maxCompletedRuns)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		for _, r := range latest {
			names = append(names, r.Run)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
