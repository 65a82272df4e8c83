package command

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/sync-users/pool"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

func newPlanCommand(env *program.Environment) *cobra.Command {
	opts := selection{Environment: env}
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what a sync would change, and write nothing",
		Long: `Reads IAM, the buckets, and the keys and accounts of all users, and shows
what a sync would change: buckets added and removed, keys rotated, and who is
skipped and why. Nothing is written.

With --without-group, the plan is that of a sync after the user had left the group: what
leaving it would take. Nothing is written in IAM either.

The exit code is 0 without changes, 2 with some, and 1 when the plan of some user
could not be made.`,
		Example: `  sync-users plan
  sync-users plan --username alice
  sync-users plan --username alice --without-group digipres-dev1-users
  sync-users plan --stack-name sync-transfer-users
  sync-users plan --output json | jq '.results[] | select(.outcome == "revoked")'`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runPlan(cmd.Context(), opts) },
	}
	opts.addFlags(cmd)
	addServerFlags(env, cmd, &opts.stack)
	cmd.Flags().StringVar(&opts.withoutGroup, "without-group", "", "the stack group that the user would leave")
	_ = cmd.RegisterFlagCompletionFunc("without-group", program.Complete(env, listStackGroups))
	return cmd
}

func runPlan(ctx context.Context, opts selection) error {
	p, stopped, err := makePlan(ctx, opts)
	if err != nil {
		return err
	}
	if err := opts.Console.Show(view.Report(p.Report, opts.isShown)); err != nil {
		return err
	}
	switch {
	case stopped != nil:
		return program.Interrupted
	case p.Totals.Failed > 0:
		return program.Failure
	case p.Totals.Updated+p.Totals.Revoked > 0:
		return program.Changes
	}
	return nil
}

// plan is the report of a sync that writes nothing, with the users that it is about and
// the product that the accounts are of.
type plan struct {
	run.Report
	users   []run.User
	product string
}

func makePlan(ctx context.Context, opts selection) (p plan, stopped error, err error) {
	if opts.withoutGroup != "" && opts.username == "" {
		return plan{}, nil, errkind.Errorf(errkind.InvalidInput, "--without-group needs --username: the user who would leave the group")
	}
	p.Report = run.Report{Summary: run.Summary{StartedAt: time.Now().UTC(), DryRun: true, Username: opts.username}}
	aws, server, err := opts.connect(ctx, "view_users")
	if err != nil {
		return plan{}, nil, err
	}
	if opts.withoutGroup != "" {
		aws.Directory = leaving{aws.Directory, opts}
	}
	p.users, err = retryCalls(ctx, opts.Console, func() ([]run.User, error) { return opts.readUsers(ctx, aws, server) })
	if err != nil {
		return plan{}, nil, err
	}
	progress := opts.Console.Progress("Planning", len(p.users))
	defer progress.Stop()
	p.Results, stopped = pool.Pool{
		Sync: func(ctx context.Context, user run.User) (run.Result, error) {
			return server.Users.SyncUser(ctx, opts.event(user, true))
		},
		Concurrency: opts.concurrency,
		OnResult:    func(run.Result) { progress.Step(false) },
	}.Run(ctx, p.users)
	p.EndedAt, p.Totals, p.product = time.Now().UTC(), run.Count(p.Results), server.Product
	return p, stopped, nil
}
