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

func newReportCommand(env *program.Environment) *cobra.Command {
	var last, onlyFailed bool
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
			return runReport(cmd.Context(), env, args, onlyFailed)
		},
		ValidArgsFunction: complete(env, listRuns),
	}
	cmd.Flags().BoolVar(&last, "last", false, "the run that ended last, as without a name")
	cmd.Flags().BoolVar(&onlyFailed, "failed", false, "only the users who failed")
	env.AddStackFlag(cmd, stackName)
	return cmd
}

// runReport shows the report of the named run, or of the one that ended last.
func runReport(ctx context.Context, env *program.Environment, names []string, onlyFailed bool) error {
	d, err := env.RequireDeployment(ctx)
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
		env.Console.Note(console.Text("The run that ended last: " + name))
	}
	report, err := d.History.Report(ctx, name)
	if errors.Is(err, runs.ErrNoReport) {
		return noReportError(ctx, d.History, name)
	}
	if err != nil {
		return err
	}
	if onlyFailed {
		report.Results = slices.DeleteFunc(report.Results, func(r run.Result) bool { return r.Outcome != run.Failed })
	}
	return env.Console.Show(view.Report(report, nil))
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
		if r.EndedAt != nil && !r.Superseded && (last.EndedAt == nil || r.EndedAt.After(*last.EndedAt)) {
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
