package command

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/browser"
	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
	"github.com/digipres/sync-users/shared/domain/summarize"
)

// reportOptions are the flags of report.
type reportOptions struct {
	*program.Environment
	last, onlyFailed, open bool
	html                   string
}

func newReportCommand(env *program.Environment) *cobra.Command {
	opts := reportOptions{Environment: env}
	cmd := &cobra.Command{
		Use:   "report [--last | RUN]",
		Short: "Show the outcome of each user in a run",
		Long: `Shows the report of a run: one line for each user, with the outcome, the buckets
that were added and removed, and the reason. RUN is a name of ` + "`sync-users status`" + `;
without one it is the run that ended last.

With --open or --html it is a page for a browser, which can be searched, sorted and
printed, and loads nothing from anywhere. The same page is kept in the runs bucket, as
runs/RUN/report.html. The browser is the desktop's, or that of $BROWSER.`,
		Example: `  sync-users report
  sync-users report --failed
  sync-users report --open
  sync-users report start-20261121T103000Z-jane-k3m9xq --output csv`,
		Args: program.MaxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if opts.last && len(args) > 0 {
				return program.UsageError(cmd, errors.New("it is either --last or the name of a run"))
			}
			if opts.onlyFailed && (opts.open || opts.html != "") {
				return program.UsageError(cmd, errors.New("--failed is for the table; the page has all users, and a filter"))
			}
			return runReport(cmd.Context(), opts, args)
		},
		ValidArgsFunction: program.Complete(env, listRuns),
	}
	cmd.Flags().BoolVar(&opts.last, "last", false, "the run that ended last, as without a name")
	cmd.Flags().BoolVar(&opts.onlyFailed, "failed", false, "only the users who failed")
	cmd.Flags().BoolVar(&opts.open, "open", false, "open it as a page in the browser")
	cmd.Flags().StringVar(&opts.html, "html", "", "write it as a page into this file")
	_ = cmd.MarkFlagFilename("html", "html")
	env.AddStackFlag(cmd, stackName)
	return cmd
}

// runReport shows the report of the named run, or of the one that ended last.
func runReport(ctx context.Context, opts reportOptions, names []string) error {
	d, err := opts.RequireDeployment(ctx)
	if err != nil {
		return err
	}
	var name string
	if len(names) > 0 {
		name = names[0]
	} else {
		if name, err = lastEnded(ctx, d.History); err != nil {
			return err
		}
		opts.Console.Note(console.Text("The run that ended last: " + name))
	}
	report, err := d.History.Report(ctx, name)
	if errors.Is(err, runs.ErrNoReport) {
		return noReportError(ctx, d.History, name)
	}
	if err != nil {
		return err
	}
	page := summarize.Page(report, installation(opts.Environment, d))
	switch {
	case opts.open:
		return browser.OpenPage(ctx, opts.Console, opts.html, "sync-users", page)
	case opts.html != "":
		return browser.WritePage(opts.Console, opts.html, page)
	}
	if opts.onlyFailed {
		report.Results = slices.DeleteFunc(report.Results, func(r run.Result) bool { return r.Outcome != run.Failed })
	}
	return opts.Console.Show(view.Report(report, nil))
}

// installation returns where the runs of a deployment belong to.
func installation(env *program.Environment, d *connect.Deployment) run.Installation {
	return run.Installation{CloudFormationStack: env.Flags.CloudFormationStack, RunsBucket: d.History.RunsBucket}
}

// lastEnded returns the name of the run that ended last, without those that were
// superseded.
func lastEnded(ctx context.Context, history runs.History) (string, error) {
	latest, err := history.Latest(ctx, runs.RecentLimit)
	if err != nil {
		return "", err
	}
	var last runs.Run
	for _, r := range latest {
		if r.EndedAt != nil && !r.SyncedNobody && (last.EndedAt == nil || r.EndedAt.After(*last.EndedAt)) {
			last = r
		}
	}
	if last.EndedAt == nil {
		return "", hint.With(errors.New("no run has ended yet"), "`sync-users status` shows one that is running.")
	}
	return last.Run, nil
}

func noReportError(ctx context.Context, history runs.History, name string) error {
	notEnded := hint.With(errors.New("the run "+name+" has not ended"), "Its report is written at its end; `sync-users status` shows its progress.")
	e, err := history.Executions.Execution(ctx, name)
	switch {
	case errkind.Of(err) == errkind.InvalidInput:
		// A sync from a command line is no execution.
		if owner, lockErr := runlock.LeaseOwner(ctx, history.Lock); lockErr == nil && owner == name {
			return notEnded
		}
		return hint.With(err, "`sync-users status` shows the names of the latest.")
	case err != nil:
		return err
	case !e.Ended():
		return notEnded
	}
	return withoutReportError(ctx, history, e)
}
