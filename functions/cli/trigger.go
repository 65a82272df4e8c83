package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/run"
)

// triggerTime is how long an uploaded TRIGGER may take to start a run. It takes
// a second or two.
const triggerTime = time.Minute

func (a *app) triggerCommand() *cobra.Command {
	var follow bool
	cmd := &cobra.Command{
		Use:   "trigger",
		Short: "Upload TRIGGER, which starts a run of the deployed workflow",
		Long: `Uploads an empty sync-users/TRIGGER to the managed bucket of the deployed stack,
as one would with any S3 tool. That starts a run for everybody, which deletes
TRIGGER again if nobody failed. With --follow it shows how far that run is, and
then its report.`,
		Example: `  sync-users trigger
  sync-users trigger --follow`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.pullTrigger(cmd.Context(), follow) },
	}
	followFlag(cmd, &follow)
	a.stackFlag(cmd)
	return cmd
}

func (a *app) pullTrigger(ctx context.Context, follow bool) error {
	d, err := a.deployed(ctx)
	if err != nil {
		return err
	}
	before, err := d.workflow.Latest(ctx, recent)
	if err != nil {
		return fmt.Errorf("list the runs: %w", err)
	}
	object, err := d.trigger.Upload(ctx)
	if err != nil {
		return err
	}
	uploaded := fmt.Sprintf("Uploaded s3://%s/%s", object.Bucket, object.Key)
	if !follow {
		return a.console.Show(console.Page{
			Head:    []console.Text{console.Say(uploaded + "; `sync-users status` shows the run that it starts.")},
			Records: [][]string{{"bucket", "key"}, {object.Bucket, object.Key}},
			Value:   object,
		})
	}
	a.console.Note(console.Say(uploaded))
	started, err := a.startedSince(ctx, d, before)
	if ctx.Err() != nil {
		return a.noLonger()
	}
	if err != nil {
		return err
	}
	a.console.Note(console.Say("Started " + started.Name))
	return a.follow(ctx, d, started.ARN)
}

// recent is how many runs may start at the same moment.
const recent = 20

// startedSince waits for a run that was not there before.
func (a *app) startedSince(ctx context.Context, d *deployment, before []run.Execution) (run.Execution, error) {
	known := map[string]bool{}
	for _, e := range before {
		known[e.ARN] = true
	}
	for until := time.Now().Add(triggerTime); time.Now().Before(until); {
		latest, err := d.workflow.Latest(ctx, recent)
		if err != nil {
			return run.Execution{}, fmt.Errorf("list the runs: %w", err)
		}
		for _, e := range latest {
			if !known[e.ARN] {
				return e, nil
			}
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return run.Execution{}, ctx.Err()
		}
	}
	return run.Execution{}, mended(fmt.Errorf("TRIGGER started no run within %v", triggerTime),
		"`sync-users check` tries whether the managed bucket tells EventBridge of uploads.")
}
