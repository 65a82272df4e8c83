package command

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

func newStatusCommand(env *program.Environment) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the latest runs, one line each",
		Long: `Shows the latest runs of the deployed workflow, and the syncs from a command line,
the newest first: when, how long, how each ended, and how many users of which
outcome.`,
		Example: `  sync-users status
  sync-users status --limit 50 --output csv`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runStatus(cmd.Context(), env, limit) },
	}
	cmd.Flags().IntVarP(&limit, "limit", "n", 10, "how many runs")
	env.AddStackFlag(cmd, stackName)
	return cmd
}

func runStatus(ctx context.Context, env *program.Environment, limit int) error {
	if limit < 1 {
		return errkind.Errorf(errkind.InvalidInput, "--limit is %d; it must be 1 or more", limit)
	}
	d, err := env.RequireDeployment(ctx)
	if err != nil {
		return err
	}
	latest, err := d.History.Latest(ctx, limit)
	if err != nil {
		return err
	}
	return env.Console.Show(view.Status(latest))
}
