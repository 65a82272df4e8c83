package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
)

func newTriggerCommand(env *program.Environment) *cobra.Command {
	var following bool
	cmd := &cobra.Command{
		Use:   "trigger",
		Short: "Upload TRIGGER, which starts a run of the deployed workflow",
		Long: `Uploads an empty sync-users/TRIGGER to the managed bucket of the deployed
CloudFormation stack, as one would with any S3 tool. That starts a run for all
users, which deletes TRIGGER again if none failed. With --follow it shows the
progress of that run, and then its report.`,
		Example: `  sync-users trigger
  sync-users trigger --follow`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runTrigger(cmd.Context(), env, following) },
	}
	addFollowFlag(cmd, &following)
	env.AddStackFlag(cmd, stackName)
	return cmd
}

func runTrigger(ctx context.Context, env *program.Environment, following bool) error {
	d, err := env.RequireDeployment(ctx)
	if err != nil {
		return err
	}
	before, err := d.History.Executions.Latest(ctx, runs.RecentLimit, nil)
	if err != nil {
		return fmt.Errorf("list the runs: %w", err)
	}
	object, err := d.Trigger.Upload(ctx)
	if err != nil {
		return program.Unfinished(err, " while TRIGGER was being uploaded. `sync-users status` shows whether a run has started.")
	}
	uploaded := fmt.Sprintf("Uploaded s3://%s/%s", object.Bucket, object.Key)
	if !following {
		return env.Console.Show(console.Page{
			Head: []console.Span{console.Text(uploaded + "; `sync-users status` shows the run that it starts.")},
			CSV:  [][]string{{"bucket", "key"}, {object.Bucket, object.Key}},
			JSON: object,
		})
	}
	env.Console.Note(console.Text(uploaded))
	started, err := d.History.WaitForStart(ctx, before)
	switch {
	case ctx.Err() != nil:
		return stopFollowing(env.Console)
	case errors.Is(err, runs.ErrNotStarted):
		return hint.With(err, "It may still start, because events can be late: `sync-users status` shows it then. Or uploads start nothing: `sync-users check` tries that.")
	case err != nil:
		return fmt.Errorf("list the runs: %w", err)
	}
	env.Console.Note(console.Text("Started " + started.Name))
	return follow(ctx, env.Console, d.History, started.ARN)
}
