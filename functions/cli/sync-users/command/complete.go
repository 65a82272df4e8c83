package command

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
)

// completeUsername gives the names of IAM users to the shell.
func completeUsername(env *program.Environment) cobra.CompletionFunc {
	return complete(env, func(ctx context.Context, c connect.Connections) (names []cobra.Completion, _ error) {
		aws, err := c.AWS(ctx)
		if err != nil {
			return nil, err
		}
		users, err := aws.Directory.IAMUsers(ctx)
		for _, user := range users {
			names = append(names, user.Username)
		}
		return names, err
	})
}

// completeRun gives the names of the latest runs to the shell.
func completeRun(env *program.Environment) cobra.CompletionFunc {
	return complete(env, func(ctx context.Context, c connect.Connections) (names []cobra.Completion, _ error) {
		d, err := c.Deployment(ctx)
		if err != nil {
			return nil, err
		}
		return d.History.Names(ctx, runs.RecentLimit)
	})
}

// complete completes the first argument, or a flag. It offers nothing if the names
// can't be listed.
func complete(env *program.Environment, list func(context.Context, connect.Connections) ([]cobra.Completion, error)) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
		if len(args) == 0 {
			names, _ = list(cmd.Context(), env.Connect(&env.Flags))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
