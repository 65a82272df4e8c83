package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
)

// input is what the workflow is started with.
type input struct {
	Username string `json:"username,omitempty"`
	DryRun   bool   `json:"dryRun,omitempty"`
}

func (a *app) startCommand() *cobra.Command {
	var in input
	var follow bool
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Start a run of the deployed workflow",
		Long: `Starts the deployed state machine, which does its work in AWS. With --follow it
shows how far the run is, and then its report; Ctrl-C stops following, not the
run.

With --follow the exit code is 1 when somebody failed.`,
		Example: `  sync-users start --follow
  sync-users start --username alice
  sync-users start --dry-run --follow --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.start(cmd.Context(), in, follow) },
	}
	cmd.Flags().StringVarP(&in.Username, "username", "u", "", "the one IAM user to sync (default everybody)")
	cmd.Flags().BoolVar(&in.DryRun, "dry-run", false, "report what would be done, and write nothing")
	followFlag(cmd, &follow)
	a.stackFlag(cmd)
	_ = cmd.RegisterFlagCompletionFunc("username", a.completeUsername)
	return cmd
}

func followFlag(cmd *cobra.Command, follow *bool) {
	cmd.Flags().BoolVarP(follow, "follow", "f", false, "show how far the run is, and then its report")
}

func (a *app) start(ctx context.Context, in input, follow bool) error {
	d, err := a.deployed(ctx)
	if err != nil {
		return err
	}
	name := runName(startName)
	arn, err := d.workflow.Start(ctx, name, in)
	if err != nil {
		return fmt.Errorf("start a run: %w", err)
	}
	if follow {
		a.console.Note(console.Say("Started " + name))
		return a.follow(ctx, d, arn)
	}
	return a.console.Show(console.Page{
		Head:    []console.Text{console.Say("Started " + name + "; `sync-users status` shows how it goes.")},
		Records: [][]string{{"run", "arn"}, {name, arn}},
		Value: struct {
			Run string `json:"run"`
			ARN string `json:"arn"`
		}{name, arn},
	})
}
