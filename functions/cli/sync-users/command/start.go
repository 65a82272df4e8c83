package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
)

// startInput is the input of the state machine.
type startInput struct {
	Username     string `json:"username,omitempty"`
	DryRun       bool   `json:"dryRun,omitempty"`
	RefreshKeys  bool   `json:"refreshKeys,omitempty"`
	ChangedOnly  bool   `json:"changedOnly,omitempty"`
	AcceptLosses bool   `json:"acceptLosses,omitempty"`
}

func newStartCommand(env *program.Environment) *cobra.Command {
	var input startInput
	var following bool
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Start a run of the deployed workflow",
		Long: `Starts the deployed state machine, which does its work in AWS. With --follow it
shows the progress of the run, and then its report; Ctrl-C stops following, not the
run.

With --follow the exit code is 1 when some user failed.`,
		Example: `  sync-users start --follow
  sync-users start --username alice
  sync-users start --dry-run --follow --output json
  sync-users start --changed-only
  sync-users start --accept-losses --follow`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runStart(cmd.Context(), env, input, following) },
	}
	cmd.Flags().StringVarP(&input.Username, "username", "u", "", "the one IAM user to sync (default all users)")
	cmd.Flags().BoolVar(&input.DryRun, "dry-run", false, "report what would be done, and write nothing")
	cmd.Flags().BoolVar(&input.RefreshKeys, "refresh-keys", false, refreshKeysUsage)
	cmd.Flags().BoolVar(&input.ChangedOnly, "changed-only", false, "sync only those who changed since the last runs, or failed in them")
	cmd.Flags().BoolVar(&input.AcceptLosses, "accept-losses", false, acceptLossesUsage)
	cmd.MarkFlagsMutuallyExclusive("changed-only", "username")
	cmd.MarkFlagsMutuallyExclusive("changed-only", "refresh-keys")
	addFollowFlag(cmd, &following)
	env.AddStackFlag(cmd, stackName)
	_ = cmd.RegisterFlagCompletionFunc("username", program.Complete(env, listUsernames))
	return cmd
}

func runStart(ctx context.Context, env *program.Environment, input startInput, following bool) error {
	d, err := env.RequireDeployment(ctx)
	if err != nil {
		return err
	}
	name := runs.NewName(runs.StartPrefix)
	arn, err := d.StateMachine.Start(ctx, name, input)
	if err != nil {
		return program.Unfinished(fmt.Errorf("start a run: %w", err),
			" while a run was being started. `sync-users status` shows whether it has.")
	}
	if following {
		env.Console.Note(console.Text("Started " + name))
		return follow(ctx, env.Console, d.History, arn)
	}
	return env.Console.Show(console.Page{
		Head: []console.Span{console.Text("Started " + name + "; `sync-users status` shows its progress.")},
		CSV:  [][]string{{"run", "arn"}, {name, arn}},
		JSON: struct {
			Run string `json:"run"`
			ARN string `json:"arn"`
		}{name, arn},
	})
}
