package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/browser"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/functions/cli/sync-files/history"
	"github.com/digipres/sync-users/functions/cli/sync-files/view"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

// reportOptions are the flags of report.
type reportOptions struct {
	*program.Environment
	onlyFailed, open bool
	html, day        string
}

func newReportCommand(env *program.Environment) *cobra.Command {
	opts := reportOptions{Environment: env}
	cmd := &cobra.Command{
		Use:   "report [RUN]",
		Short: "Show what became of each object in a run, or on a day",
		Long: `Shows the report of a run: one line for each object, with the outcome, the path on the
server, or the reason. RUN is a name of ` + "`sync-files send status`" + `; without one it is
the run that ended last.

With --day it is the report of all runs that ended on a day (UTC): how many objects of
which outcome, and what failed and was not sent later that day.

With --open or --html it is a page for a browser, which can be searched, sorted and
printed, and loads nothing from anywhere. The same page is kept in the runs bucket, as
runs/RUN/report.html. The browser is the desktop's, or that of $BROWSER.`,
		Example: `  sync-files send report
  sync-files send report --failed
  sync-files send report --open
  sync-files send report --day 2026-11-20
  sync-files send report start-20261121T103000Z-jane-k3m9xq --output csv`,
		Args: program.MaxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			page := opts.open || opts.html != ""
			switch {
			case opts.day != "" && (len(args) > 0 || opts.onlyFailed || page):
				return program.UsageError(cmd, errors.New("--day is a table, JSON or CSV of all runs of that day"))
			case opts.day != "":
				return runDayReport(cmd.Context(), opts)
			case opts.onlyFailed && page:
				return program.UsageError(cmd, errors.New("--failed is for the table; the page has all objects, and a filter"))
			}
			return runReport(cmd.Context(), opts, args)
		},
		ValidArgsFunction: program.Complete(env, listRuns),
	}
	cmd.Flags().BoolVar(&opts.onlyFailed, "failed", false, "only the objects that failed")
	cmd.Flags().StringVar(&opts.day, "day", "", "the report of all runs of a day, such as 2026-11-21, or today")
	cmd.Flags().BoolVar(&opts.open, "open", false, "open it as a page in the browser")
	cmd.Flags().StringVar(&opts.html, "html", "", "write it as a page into this file")
	_ = cmd.MarkFlagFilename("html", "html")
	addSendStackFlag(env, cmd)
	return cmd
}

func runReport(ctx context.Context, opts reportOptions, names []string) error {
	d, err := opts.RequireSendFiles(ctx)
	if err != nil {
		return err
	}
	report, err := findReport(ctx, opts.Environment, historyOf(d), names, func(history.Run) bool { return true })
	if err != nil {
		return err
	}
	page := sendrun.Page(report, run.Installation{CloudFormationStack: opts.Flags.CloudFormationStack, RunsBucket: d.RunsBucket})
	switch {
	case opts.open:
		return browser.OpenPage(ctx, opts.Console, opts.html, "sync-files", page)
	case opts.html != "":
		return browser.WritePage(opts.Console, opts.html, page)
	}
	if opts.onlyFailed {
		report.Results = slices.DeleteFunc(report.Results, func(r sendfile.Result) bool { return r.Outcome != sendfile.Failed })
	}
	return opts.Console.Show(view.Report(report, nil))
}

// findReport returns the report of the named run, or of the wanted one that ended last.
func findReport(ctx context.Context, env *program.Environment, h history.History, names []string, wanted func(history.Run) bool) (sendrun.Report, error) {
	var name string
	if len(names) > 0 {
		name = names[0]
	} else {
		last, err := h.LastEnded(ctx, wanted)
		if errors.Is(err, history.ErrNoRun) {
			err = hint.With(err, "`sync-files send status` shows one that is running; `sync-files send run` starts one.")
		}
		if err != nil {
			return sendrun.Report{}, err
		}
		name = last
		env.Console.Note(console.Text("The run that ended last: " + name))
	}
	report, err := h.Report(ctx, name)
	if errors.Is(err, runs.ErrNoReport) {
		err = noReportError(ctx, h, name)
	}
	return report, err
}

func noReportError(ctx context.Context, h history.History, name string) error {
	e, err := h.Executions.Execution(ctx, name)
	switch {
	case errkind.Of(err) == errkind.InvalidInput:
		return hint.With(err, "`sync-files send status` shows the names of the latest.")
	case err != nil:
		return err
	case !e.Ended():
		return hint.With(errors.New("the run "+name+" has not ended"), "Its report is written at its end; `sync-files send status` shows its progress.")
	}
	return withoutReportError(e)
}

func runDayReport(ctx context.Context, opts reportOptions) error {
	date := time.Now().UTC()
	if opts.day != "today" {
		var err error
		if date, err = time.Parse(time.DateOnly, opts.day); err != nil {
			return errkind.Errorf(errkind.InvalidInput, "--day is %q; it must be a date such as 2026-11-21, or today", opts.day)
		}
	}
	d, err := opts.RequireSendFiles(ctx)
	if err != nil {
		return err
	}
	day, err := historyOf(d).Day(ctx, date)
	if errors.Is(err, runs.ErrNoReport) {
		return hint.With(fmt.Errorf("no run that had anything to send ended on %s (UTC)", date.Format(time.DateOnly)), "`sync-files send status` shows the latest runs.")
	}
	if err != nil {
		return err
	}
	return opts.Console.Show(view.Day(day))
}
