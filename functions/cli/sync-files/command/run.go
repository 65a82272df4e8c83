package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
)

func newRunCommand(env *program.Environment) *cobra.Command {
	var input request
	var noWait bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Start a run, and follow it to its end",
		Long: `Starts a run of the deployed workflow, shows its progress, and then what became of each
object. It waits for a run that is in progress. Ctrl-C stops following, not the run.

The bytes are those of the objects that are certainly done, because Step Functions tells
how many are, and not which; why one failed is told at the end.

The exit code is 1 when an object or the run itself failed.`,
		Example: `  sync-files send run
  sync-files send run --key outgoing/report.csv
  sync-files send run --prefix outgoing/2026/ --resend
  sync-files send run --dry-run --output json
  sync-files send run --no-wait`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := env.RequireSendFiles(cmd.Context())
			if err != nil {
				return err
			}
			return start(cmd.Context(), env, d, input.forKeys(input.Keys), noWait)
		},
	}
	input.addFlags(cmd)
	cmd.Flags().BoolVar(&input.DryRun, "dry-run", false, "report what would be sent, and send nothing")
	addNoWaitFlag(cmd, &noWait)
	addSendStackFlag(env, cmd)
	return cmd
}

func addNoWaitFlag(cmd *cobra.Command, noWait *bool) {
	cmd.Flags().BoolVar(noWait, "no-wait", false, "only start it")
}

// start starts a run, and follows it unless it need not wait.
func start(ctx context.Context, env *program.Environment, d *connect.SendFiles, input request, noWait bool) error {
	name := runs.NewName(runs.StartPrefix)
	arn, err := d.StateMachine.Start(ctx, name, input)
	if err != nil {
		return program.Unfinished(fmt.Errorf("start a run: %w", err),
			" while a run was being started. `sync-files send status` shows whether it has.")
	}
	if !noWait {
		env.Console.Note(console.Text("Started " + name))
		return follow(ctx, env.Console, historyOf(d), arn)
	}
	return env.Console.Show(console.Page{
		Head: []console.Span{console.Text("Started " + name + "; `sync-files send status` shows its progress.")},
		CSV:  [][]string{{"run", "arn"}, {name, arn}},
		JSON: struct {
			Run string `json:"run"`
			ARN string `json:"arn"`
		}{name, arn},
	})
}
