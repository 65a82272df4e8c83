package command

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

type reportOptions struct {
	*program.Environment
	name       string // empty for the run that ended last
	onlyFailed bool
}

func newReportCommand(env *program.Environment) *cobra.Command {
	opts := reportOptions{Environment: env}
	var last bool
	cmd := &cobra.Command{
		Use:   "report [--last | RUN]",
		Short: "Show the outcome of each user in a run",
		Long: `Shows the report of a run: one line for each user, with the outcome, the buckets
that were added and removed, and the reason. RUN is a name of ` + "`sync-users status`" + `;
without one it is the run that ended last.`,
		Example: `  sync-users report
  sync-users report --failed
  sync-users report start-20261121T103000Z-jane-k3m9xq --output csv`,
		Args: program.MaxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if last && len(args) > 0 {
				return program.UsageError(cmd, errors.New("it is either --last or the name of a run"))
			}
			if len(args) > 0 {
				opts.name = args[0]
			}
			return runReport(cmd.Context(), opts)
		},
		ValidArgsFunction: completeRun(env),
	}
	cmd.Flags().BoolVar(&last, "last", false, "the run that ended last, as without a name")
	cmd.Flags().BoolVar(&opts.onlyFailed, "failed", false, "only the users who failed")
	env.AddStackFlag(cmd, stackName)
	return cmd
}

func runReport(ctx context.Context, opts reportOptions) error {
	d, err := opts.RequireDeployment(ctx)
	if err != nil {
		return err
	}
	name := opts.name
	if name == "" {
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
	if opts.onlyFailed {
		report.Results = slices.DeleteFunc(report.Results, func(r run.Result) bool { return r.Outcome != run.Failed })
	}
	return opts.Console.Show(view.Report(report, view.AllResults))
}

// lastEnded returns the name of the run that ended last, without those that gave way to
// another.
func lastEnded(ctx context.Context, history runs.History) (string, error) {
	latest, err := history.Latest(ctx, runs.RecentLimit)
	if err != nil {
		return "", err
	}
	var last runs.Run
	for _, r := range latest {
		if r.EndedAt != nil && !r.Superseded && (last.EndedAt == nil || r.EndedAt.After(*last.EndedAt)) {
			last = r
		}
	}
	if last.EndedAt == nil {
		return "", hint.With(errors.New("no run has ended yet"), "`sync-users status` shows one that is running.")
	}
	return last.Run, nil
}

// noReportError returns why a run has no report.
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
