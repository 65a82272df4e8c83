package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

func (a *app) reportCommand() *cobra.Command {
	var last, onlyFailed bool
	cmd := &cobra.Command{
		Use:   "report [--last | RUN]",
		Short: "Show what became of everybody in a run",
		Long: `Shows the report of a run: one line for each person, with the outcome, the
buckets that came and went, and the reason. RUN is a name of ` + "`sync-users status`" + `;
without one it is the run that ended last.`,
		Example: `  sync-users report
  sync-users report --failed
  sync-users report start-20261121T103000Z-jane-k3m9xq --output csv`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if last && len(args) > 0 {
				return misuse(cmd, errors.New("it is either --last or the name of a run"))
			}
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			return a.report(cmd.Context(), name, onlyFailed)
		},
	}
	cmd.Flags().BoolVar(&last, "last", false, "the run that ended last, as without a name")
	cmd.Flags().BoolVar(&onlyFailed, "failed", false, "only those who failed")
	a.stackFlag(cmd)
	cmd.ValidArgsFunction = a.completeRun
	return cmd
}

func (a *app) report(ctx context.Context, name string, onlyFailed bool) error {
	d, err := a.deployed(ctx)
	if err != nil {
		return err
	}
	if name == "" {
		name, err = d.last(ctx)
	}
	if err != nil {
		return err
	}
	report, err := d.report(ctx, name)
	if errors.Is(err, errNoReport) {
		return d.whyNoReport(ctx, name)
	}
	if err != nil {
		return err
	}
	if onlyFailed {
		report.Results = slices.DeleteFunc(report.Results, func(r run.Result) bool { return r.Outcome != run.Failed })
	}
	return a.console.Show(reportPage(report, everyone))
}

// last is the name of the run that ended last.
func (d *deployment) last(ctx context.Context) (string, error) {
	runs, err := d.past(ctx, recent)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(runs, func(p past) bool { return p.EndedAt != nil })
	if i < 0 {
		return "", mended(errors.New("no run has ended yet"), "`sync-users status` shows one that is going on.")
	}
	return runs[i].Run, nil
}

// whyNoReport is the error of a run without one.
func (d *deployment) whyNoReport(ctx context.Context, name string) error {
	e, err := d.watch.Execution(ctx, name)
	switch {
	case errkind.Of(err) == errkind.InvalidInput:
		return mended(err, "`sync-users status` shows the names of the latest.")
	case err != nil:
		return err
	case !e.Ended():
		return mended(errors.New("the run "+name+" is still going on"), "Its report comes at its end; `sync-users status` shows how far it is.")
	case e.Status == run.StatusSucceeded:
		return mended(errors.New("the report of the run "+name+" is gone"), "The runs bucket keeps reports for a time only.")
	}
	return brokenRun(e)
}
