package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/run"
)

// syncFlags are sync's own.
type syncFlags struct {
	people
	yes  bool
	wait time.Duration
}

func (a *app) syncCommand() *cobra.Command {
	var f syncFlags
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Make SFTPGo accounts follow IAM, from here",
		Long: `Does what a run of the deployed workflow does, without it: the same outcomes and
the same report. Shows the plan and asks before it writes, unless --yes is given.

While it works it holds the turn of the deployed workflow, so a run that is
started meanwhile waits for its end; when one is going on already, it refuses,
or waits with --wait. Its report goes where the workflow's do. Where no stack is
deployed it goes without both.

Ctrl-C finishes the people who were begun, starts nobody else, and says who was
done; a second one ends it at once. Either way a later run puts right what is
left.`,
		Example: `  sync-users sync
  sync-users sync --username alice --yes
  sync-users sync --yes --wait 30m --concurrency 5`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.sync(cmd.Context(), f) },
	}
	f.add(a, cmd)
	cmd.Flags().BoolVarP(&f.yes, "yes", "y", false, "write without asking")
	cmd.Flags().DurationVar(&f.wait, "wait", 0, "how long to wait for a run that is going on, such as 10m")
	a.stackFlag(cmd)
	a.flags.sftpgo.add(cmd)
	return cmd
}

func (a *app) sync(ctx context.Context, f syncFlags) error {
	if !f.yes {
		if agreed, err := a.agree(ctx, f.people); err != nil || !agreed {
			return err
		}
	}
	account, server, err := a.open(ctx, f.people, sftpgo.RequiredPermissions()...)
	if err != nil {
		return err
	}
	d, err := a.found(ctx)
	if err != nil {
		return err
	}
	name := runName(syncName)
	turn, err := a.takeTurn(ctx, d, name, f.wait)
	if err != nil {
		return err
	}
	defer turn.giveBack(ctx, a.console)

	report := run.Report{Execution: name, StartedAt: time.Now().UTC(), Username: f.username}
	users, err := f.read(ctx, account, server)
	if err != nil {
		return err
	}
	stopped := a.syncAll(ctx, f, server, turn, users, &report)
	if d != nil {
		if _, err := d.runs.Save(context.WithoutCancel(ctx), run.ReportKey(name), report); err != nil {
			a.console.Note(console.Text{Tone: console.Bad, Text: "The report could not be kept: " + err.Error()})
		}
	}
	if err := a.console.Show(reportPage(report, f.reached())); err != nil {
		return err
	}
	return a.ended(report, stopped)
}

// syncAll fills the report's results.
func (a *app) syncAll(ctx context.Context, f syncFlags, server sftpgoServer, turn *held, users []run.User, report *run.Report) (stopped error) {
	progress := a.console.Progress("Syncing", len(users))
	defer progress.Stop()
	stopping := context.AfterFunc(ctx, func() {
		progress.Say(console.Text{Tone: console.Notable, Text: "Stopping: those who were begun are finished first. Press Ctrl-C again to end it at once."})
	})
	defer stopping()
	work := everybody{
		sync: func(ctx context.Context, user run.User) (run.Result, error) {
			return server.syncer.Sync(ctx, user, false)
		},
		concurrency: f.concurrency,
		before:      turn.renew,
		done: func(r run.Result) {
			progress.Step(r.Outcome == run.Failed, console.Say(r.Username), console.Text{Tone: tones[r.Outcome], Text: string(r.Outcome) + ":"}, console.Say(r.Reason))
		},
	}
	report.Results, stopped = work.run(ctx, users)
	report.EndedAt, report.Totals = time.Now().UTC(), run.Count(report.Results)
	return stopped
}

// agree shows the plan and asks.
func (a *app) agree(ctx context.Context, p people) (bool, error) {
	if !a.console.Interactive() {
		return false, mended(errors.New("sync asks before it writes, and there is nobody to ask here"),
			"Pass --yes to write without asking; `sync-users plan` shows what would change.")
	}
	plan, stopped, err := a.plan(ctx, p)
	if err != nil {
		return false, err
	}
	if stopped != nil {
		return false, stopped
	}
	if err := a.console.Preview(reportPage(plan, p.shown())); err != nil {
		return false, err
	}
	n := plan.Totals.Updated + plan.Totals.Revoked
	if n == 0 && plan.Totals.Failed == 0 {
		a.console.Note(console.Say("There is nothing to do."))
		return false, nil
	}
	question := fmt.Sprintf("Change %s in SFTPGo?", accounts(n))
	if n == 0 {
		question = "Try those who fail all the same?"
	}
	if !a.console.Confirm(question) {
		a.console.Note(console.Say("Nothing was changed."))
		return false, exit(failed)
	}
	return true, nil
}

func accounts(n int) string {
	if n == 1 {
		return "1 account"
	}
	return fmt.Sprintf("%d accounts", n)
}

// found is the deployed stack, or nil where there is none.
func (a *app) found(ctx context.Context) (*deployment, error) {
	if a.flags.stack == "" {
		return nil, nil
	}
	d, err := a.deployment(ctx)
	if errors.Is(err, awscfn.ErrNoStack) {
		a.console.Note(console.Text{Tone: console.Notable, Text: fmt.Sprintf(
			"No stack %q is deployed here, so nothing keeps another run from writing at the same time, and no report is kept.", a.flags.stack)})
		return nil, nil
	}
	return d, mended(err, `The deployed stack is looked for to take turns with its runs; --stack-name "" goes without.`)
}

// ended says how the sync ended, beside its report.
func (a *app) ended(report run.Report, stopped error) error {
	left := 0
	for _, r := range report.Results {
		if r.Error == notReached {
			left++
		}
	}
	switch {
	case stopped != nil:
		why := ""
		if !errors.Is(stopped, context.Canceled) {
			why = fmt.Sprintf(" (%v)", stopped)
		}
		a.console.Note(console.Text{Tone: console.Notable, Text: fmt.Sprintf(
			"Stopped%s: %d of %s are done, and %d are as they were. Run it again to go on.",
			why, report.Totals.Users-left, users(report.Totals.Users), left)})
		if why == "" {
			return exit(interrupted)
		}
		return exit(failed)
	case report.Totals.Failed > 0:
		return exit(failed)
	}
	return nil
}
