package command

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/retry"
	"github.com/digipres/sync-users/functions/cli/sync-files/view"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

// planConcurrency is how many objects are looked at at the same time, with two calls to S3 each.
const planConcurrency = 16

type planOptions struct {
	*program.Environment
	request
	existing, all bool
}

func newPlanCommand(env *program.Environment) *cobra.Command {
	opts := planOptions{Environment: env}
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what a run would send, and where to",
		Long: `Shows what a run would do with each object: the path it would be sent to, why it would be
left alone, or why it can't be sent. It is found out from here, by the functions' own code,
and nothing is changed.

It does not log in to the SFTP server, and so does not know what is there already. With
--existing it looks, from here, with the deployment's credentials; where only the functions
can reach the server, ` + "`sync-files send run --dry-run`" + ` does the same from there.`,
		Example: `  sync-files send plan
  sync-files send plan --prefix outgoing/2026/ --existing
  sync-files send plan --key 'outgoing/a b.csv'
  sync-files send plan --output json | jq '.results[] | select(.outcome == "failed")'`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runPlan(cmd.Context(), opts) },
	}
	opts.addFlags(cmd)
	cmd.Flags().BoolVar(&opts.existing, "existing", false, "log in, and look at what is on the server already")
	cmd.Flags().BoolVar(&opts.all, "all", false, "show in the table also the objects that were sent before")
	addSendStackFlag(env, cmd)
	return cmd
}

func runPlan(ctx context.Context, opts planOptions) error {
	d, err := opts.RequireSendFiles(ctx)
	if err != nil {
		return err
	}
	report, err := makePlan(ctx, opts, d)
	if err != nil {
		return err
	}
	page := view.Report(report, func(r sendfile.Result) bool { return opts.all || len(opts.Keys) > 0 || r.Outcome != sendfile.Unchanged })
	if err := opts.Console.Show(page); err != nil {
		return err
	}
	switch {
	case report.Totals.Failed > 0:
		return program.Failure
	case report.Totals.Sent > 0:
		return program.Changes
	}
	return nil
}

// makePlan returns the report of a run that sends nothing.
func makePlan(ctx context.Context, opts planOptions, d *connect.SendFiles) (sendrun.Report, error) {
	report := sendrun.Report{Summary: sendrun.Summary{StartedAt: time.Now().UTC(), DryRun: true}, Results: []sendfile.Result{}}
	sending, err := d.Open(ctx)
	if err != nil {
		return report, err
	}
	request, err := opts.forKeys(opts.Keys).parse(sending.Selection.Source)
	if err != nil {
		return report, err
	}
	report.Key, report.Keys = request.Key, len(request.Keys)
	if opts.existing {
		if err := sending.Partner.Client.Connect(ctx); err != nil {
			return report, hint.With(err, "`sync-files check` looks at the server; without --existing, the plan does not need it.")
		}
	}
	var selected []sendrun.Selected
	for object, err := range sending.Selection.Select(ctx, request) {
		if err != nil {
			return report, err
		}
		selected = append(selected, object)
	}
	planner := sendrun.NewPlanner(sending.Sender, opts.existing)
	progress := opts.Console.Progress("Planning", len(selected))
	defer progress.Stop()
	report.Results = make([]sendfile.Result, len(selected))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(planConcurrency)
	for i, object := range selected {
		group.Go(func() (err error) {
			report.Results[i], err = retry.Transient(groupCtx,
				func() (sendfile.Result, error) { return planner.Plan(groupCtx, object, opts.Resend) },
				backoff.WithNotify(func(err error, _ time.Duration) {
					progress.Note(console.Warning.Text("Trying again: " + hint.OneLine(err)))
				}))
			progress.Step(false)
			return err
		})
	}
	err = group.Wait()
	report.EndedAt, report.Totals = time.Now().UTC(), sendrun.CountTotals(report.Results)
	return report, err
}
