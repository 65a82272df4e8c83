package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
)

type startOptions struct {
	*program.Environment
	input  startInput
	follow bool
}

// startInput is the input of the state machine.
type startInput struct {
	Username    string `json:"username,omitempty"`
	DryRun      bool   `json:"dryRun,omitempty"`
	RefreshKeys bool   `json:"refreshKeys,omitempty"`
}

func newStartCommand(env *program.Environment) *cobra.Command {
	opts := startOptions{Environment: env}
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Start a run of the deployed workflow",
		Long: `Starts the deployed state machine, which does its work in AWS. With --follow it
shows the progress of the run, and then its report; Ctrl-C stops following, not the
run.

With --follow the exit code is 1 when some user failed.`,
		Example: `  sync-users start --follow
  sync-users start --username alice
  sync-users start --dry-run --follow --output json`,
		Args: program.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runStart(cmd.Context(), opts) },
	}
	cmd.Flags().StringVarP(&opts.input.Username, "username", "u", "", "the one IAM user to sync (default all users)")
	cmd.Flags().BoolVar(&opts.input.DryRun, "dry-run", false, "report what would be done, and write nothing")
	cmd.Flags().BoolVar(&opts.input.RefreshKeys, "refresh-keys", false, refreshKeysUsage)
	addFollowFlag(cmd, &opts.follow)
	env.AddStackFlag(cmd, stackName)
	_ = cmd.RegisterFlagCompletionFunc("username", completeUsername(env))
	return cmd
}

func runStart(ctx context.Context, opts startOptions) error {
	d, err := opts.RequireDeployment(ctx)
	if err != nil {
		return err
	}
	name := runs.NewName(runs.StartPrefix)
	arn, err := d.StateMachine.Start(ctx, name, opts.input)
	if err != nil {
		return program.Unfinished(fmt.Errorf("start a run: %w", err),
			" while a run was being started. `sync-users status` shows whether it has.")
	}
	if opts.follow {
		opts.Console.Note(console.Text("Started " + name))
		return follow(ctx, opts.Console, d.History, arn)
	}
	return opts.Console.Show(console.Page{
		Head: []console.Span{console.Text("Started " + name + "; `sync-users status` shows its progress.")},
		CSV:  [][]string{{"run", "arn"}, {name, arn}},
		JSON: struct {
			Run string `json:"run"`
			ARN string `json:"arn"`
		}{name, arn},
	})
}
