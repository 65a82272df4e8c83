package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/shared/domain/run"
)

func (a *app) planCommand() *cobra.Command {
	var p people
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what a sync would change, and write nothing",
		Long: `Reads IAM, the buckets, everybody's keys and SFTPGo accounts, and shows what a
sync would change: buckets added and removed, keys rotated, and who is skipped
and why. Nothing is written.

The exit code is 0 without changes, 2 with some, and 1 when the plan could not
be made for everybody.`,
		Example: `  sync-users plan
  sync-users plan --username alice
  sync-users plan --output json | jq '.results[] | select(.outcome == "revoked")'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, stopped, err := a.plan(cmd.Context(), p)
			if err != nil {
				return err
			}
			if err := a.console.Show(reportPage(report, p.shown())); err != nil {
				return err
			}
			switch {
			case stopped != nil:
				return exit(interrupted)
			case report.Totals.Failed > 0:
				return exit(failed)
			case report.Totals.Updated+report.Totals.Revoked > 0:
				return exit(changes)
			}
			return nil
		},
	}
	p.add(a, cmd)
	a.flags.sftpgo.add(cmd)
	return cmd
}

// plan is a sync that writes nothing.
func (a *app) plan(ctx context.Context, p people) (report run.Report, stopped error, err error) {
	report = run.Report{StartedAt: time.Now().UTC(), DryRun: true, Username: p.username}
	account, server, err := a.open(ctx, p, "view_users")
	if err != nil {
		return run.Report{}, nil, err
	}
	users, err := p.read(ctx, account, server)
	if err != nil {
		return run.Report{}, nil, err
	}
	progress := a.console.Progress("Planning", len(users))
	defer progress.Stop()
	work := everybody{
		sync: func(ctx context.Context, user run.User) (run.Result, error) {
			return server.syncer.Sync(ctx, user, true)
		},
		concurrency: p.concurrency,
		before:      func(context.Context) error { return nil },
		done:        func(run.Result) { progress.Step(false) },
	}
	report.Results, stopped = work.run(ctx, users)
	report.EndedAt, report.Totals = time.Now().UTC(), run.Count(report.Results)
	return report, stopped, nil
}
