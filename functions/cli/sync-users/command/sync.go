package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/functions/cli/sync-users/pool"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/summarize"
)

type syncOptions struct {
	selection
	yes          bool
	wait         time.Duration
	acceptLosses bool
}

func newSyncCommand(env *program.Environment) *cobra.Command {
	opts := syncOptions{selection: selection{Environment: env}}
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Make SFTP accounts follow IAM, from here",
		Long: `Does what a run of the deployed workflow does, without it: the same outcomes and
the same report. Shows the plan and asks before it writes, unless --yes is given.

While it works it holds the lock of the deployed workflow, so a run that is
started meanwhile waits for its end; when one is running already, it refuses,
or waits with --wait. Its report is kept where the workflow's are. Where nothing
is deployed, --stack-name "" does without both. The SFTP server is SFTPGo, or that of the
deployment if it is an AWS Transfer Family server.

A sync for everybody refuses if more people would lose access than the deployment
allows (maxLosses), compared with what the last runs gave, unless --accept-losses is
given, or the question with their number is answered with yes.

Ctrl-C finishes the users that were started, starts no other, and says which
are done; a second one ends it at once. Either way a later run completes what is
left.`,
		Example: `  sync-users sync
  sync-users sync --username alice --yes
  sync-users sync --stack-name sync-transfer-users
  sync-users sync --yes --wait 30m --concurrency 5`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runSync(cmd.Context(), opts) },
	}
	opts.addFlags(cmd)
	env.Flags.Server.Add(cmd.Flags())
	cmd.Flags().BoolVarP(&opts.yes, "yes", "y", false, "write without asking")
	cmd.Flags().BoolVar(&opts.acceptLosses, "accept-losses", false, acceptLossesUsage)
	cmd.Flags().DurationVar(&opts.wait, "wait", 0, "how long to wait for a run that is running, such as 10m")
	env.AddStackFlag(cmd, stackName)
	return cmd
}

func runSync(ctx context.Context, opts syncOptions) error {
	opts.stack = opts.Flags.CloudFormationStack
	d, err := findDeployment(ctx, opts.Environment)
	if err != nil {
		return err
	}
	agreed := 0 // people who may lose access
	if !opts.yes {
		var confirmed bool
		if confirmed, agreed, err = confirmPlan(ctx, opts, d); err != nil || !confirmed {
			return err
		}
	}
	aws, server, err := opts.connect(ctx, sftpgo.RequiredPermissions...)
	if err != nil {
		return err
	}
	name := runs.NewName(runs.SyncPrefix)
	report := run.Report{Summary: run.Summary{Execution: name, StartedAt: time.Now().UTC(), Username: opts.username}}
	var renewLock func(context.Context) error
	if d != nil {
		lease, err := acquireLock(ctx, opts.Console, d, name, opts.wait)
		if err != nil {
			return err
		}
		defer releaseLock(ctx, opts.Console, lease)
		renewLock = lease.Renew
	}
	users, err := retryCalls(ctx, opts.Console, func() ([]run.User, error) { return opts.readUsers(ctx, aws, server) })
	if err != nil {
		return err
	}
	var b lossCheck
	if d != nil {
		if b, err = newLossCheck(ctx, d); err != nil {
			return err
		}
		if opts.username == "" {
			users = b.addUnclaimed(users)
			if err := b.check(agreed, users); err != nil && !opts.acceptLosses {
				return err
			}
		}
	}
	results, stopped := syncUsers(ctx, opts, server, renewLock, users)
	report.Results, report.Totals, report.EndedAt = results, run.Count(results), time.Now().UTC()
	if d != nil {
		if report, _, err = summarize.Save(context.WithoutCancel(ctx), d.History.Records, report, installation(opts.Environment, d)); err != nil {
			opts.Console.Note(console.Bad.Text("The report could not be kept: " + err.Error()))
		}
		if err := b.save(context.WithoutCancel(ctx), run.Metadata{Execution: name, Username: opts.username}, users, results); err != nil {
			opts.Console.Note(console.Bad.Text("The next run compares with what was before this one: " + err.Error()))
		}
	}
	if err := opts.Console.Show(view.Report(report, func(r run.Result) bool { return r.Error != pool.NotReached && opts.isShown(r) })); err != nil {
		return err
	}
	if stopped != nil {
		return explainStop(opts.Console, results, stopped)
	}
	// Without the lock, another sync may have created a folder that it has not mapped yet.
	if d != nil {
		if err := server.Users.DeleteLeftovers(ctx, false); err != nil {
			opts.Console.Note(console.Bad.Text("Leftover folders could not be deleted; the next run tries it again: " + hint.OneLine(err)))
			return program.Failure
		}
	}
	if report.Totals.Failed > 0 {
		return program.Failure
	}
	return nil
}

// confirmPlan shows the plan and asks, and returns how many people may lose access.
func confirmPlan(ctx context.Context, opts syncOptions, d *connect.Deployment) (confirmed bool, agreed int, err error) {
	if !opts.Console.Interactive() {
		return false, 0, hint.With(errors.New("sync asks before it writes, and it can't ask here"),
			"Pass --yes to write without asking; `sync-users plan` shows what would change.")
	}
	plan, stopped, err := makePlan(ctx, opts.selection)
	if err == nil {
		err = stopped
	}
	if err != nil {
		return false, 0, err
	}
	if err := opts.Console.Preview(view.Report(plan.Report, opts.isShown)); err != nil {
		return false, 0, err
	}
	if d != nil && opts.username == "" {
		b, err := newLossCheck(ctx, d)
		if err != nil {
			return false, 0, err
		}
		agreed = b.count(b.addUnclaimed(plan.users))
	}
	n := plan.Totals.Updated + plan.Totals.Revoked
	text := question(max(n, agreed), agreed, plan.product)
	switch {
	case n == 0 && agreed == 0 && plan.Totals.Failed == 0:
		opts.Console.Note(console.Text("There is nothing to do."))
		return false, 0, nil
	case n == 0 && agreed == 0:
		text = "Try the users who fail all the same?"
	}
	if !opts.Console.Confirm(text) {
		opts.Console.Note(console.Text("Nothing was changed."))
		return false, 0, program.Failure
	}
	return true, agreed, nil
}

// findDeployment returns the deployment, or nil if the sync is to do without. That has to
// be asked for, because a deployment of another name may be there, with a run going.
func findDeployment(ctx context.Context, env *program.Environment) (*connect.Deployment, error) {
	name := env.Flags.CloudFormationStack
	if name == "" {
		return nil, nil
	}
	d, err := env.Deployment(ctx)
	if errors.Is(err, awscfn.ErrNoStack) {
		err = fmt.Errorf("no CloudFormation stack %q is deployed in this account and region", name)
	}
	return d, hint.With(err, cmp.Or(hint.Of(err),
		`The CloudFormation stack has the lock that keeps runs apart: name it with --stack-name, or do without lock and report with --stack-name "".`))
}

func syncUsers(
	ctx context.Context, opts syncOptions, server connect.Server, renewLock func(context.Context) error, users []run.User,
) (results []run.Result, stopped error) {
	progress := opts.Console.Progress("Syncing", len(users))
	defer progress.Stop()
	defer context.AfterFunc(ctx, func() {
		progress.Note(console.Warning.Text("Stopping: the users that were started are finished first. Press Ctrl-C again to end it at once."))
	})()
	return pool.Pool{
		Sync: func(ctx context.Context, user run.User) (run.Result, error) {
			return server.Users.SyncUser(ctx, opts.event(user, false))
		},
		Concurrency: opts.concurrency,
		BeforeEach:  renewLock,
		OnResult: func(r run.Result) {
			progress.Step(r.Outcome == run.Failed, console.Text(cmp.Or(r.Username, r.Email)), view.Outcome(r.Outcome, ":"), console.Text(r.Reason))
		},
	}.Run(ctx, users)
}

// explainStop says how far a sync came that was stopped, and returns how to exit.
func explainStop(c *console.Console, results []run.Result, stopped error) error {
	done := len(slices.DeleteFunc(slices.Clone(results), func(r run.Result) bool { return r.Error == pool.NotReached }))
	why, exit := "", program.Interrupted
	if !errors.Is(stopped, context.Canceled) {
		why, exit = fmt.Sprintf(" (%v)", stopped), program.Failure
	}
	c.Note(console.Warning.Text(fmt.Sprintf("Stopped%s: %d of %s are done, and %d are as they were. Run it again to continue.",
		why, done, console.Count(len(results), "user"), len(results)-done)))
	return exit
}
