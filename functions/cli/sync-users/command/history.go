package command

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
)

func newHistoryCommand(env *program.Environment) *cobra.Command {
	var since program.Since
	cmd := &cobra.Command{
		Use:   "history [USER]",
		Short: "Show who gained and lost access, and when",
		Long: `Shows what runs changed for a user, or for everybody: buckets that were added and
removed, and keys that were rotated, the newest first. USER is the name of an IAM user,
or an Email tag; it may be one that is no more.

It has the runs of the deployed workflow and the syncs from a command line as long as
they are kept, but not what an administrator did in SFTPGo, dry runs, and syncs with
--stack-name "". Runs of earlier versions of sync-users kept only what ` + "`sync-users report`" + `
shows.`,
		Example: `  sync-users history alice
  sync-users history --since 30d
  sync-users history --since 2026-11-01 --output csv`,
		Args: program.MaxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runHistory(cmd.Context(), env, append(args, "")[0], since)
		},
		ValidArgsFunction: program.Complete(env, listUsernames),
	}
	program.AddSince(cmd, &since, "since", "7d", "how far back, by when a run started")
	env.AddStackFlag(cmd, stackName)
	return cmd
}

// runHistory shows what changed for the user of that name, or for all if it is empty.
func runHistory(ctx context.Context, env *program.Environment, user string, since program.Since) error {
	d, err := env.RequireDeployment(ctx)
	if err != nil {
		return err
	}
	changes, err := d.History.ChangesSince(ctx, since.Time)
	if err != nil {
		return err
	}
	return env.Console.Show(view.History(changes, user, since.Time))
}
