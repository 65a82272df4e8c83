package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/run"
)

func addFollowFlag(cmd *cobra.Command, follow *bool) {
	cmd.Flags().BoolVarP(follow, "follow", "f", false, "show the progress of the run, and then its report")
}

// follow shows the progress of an execution until it ends, and then its report. An
// execution without a report is an error.
func follow(ctx context.Context, c *console.Console, history runs.History, arn string) error {
	execution, err := showProgress(ctx, c, history, arn)
	if ctx.Err() != nil {
		return stopFollowing(c)
	}
	if err != nil {
		return err
	}
	report, err := history.Report(ctx, execution.Name)
	if errors.Is(err, runs.ErrNoReport) && execution.Status != run.StatusSucceeded {
		return executionError(execution)
	}
	if err == nil {
		err = c.Show(view.Report(report, nil))
	}
	if err == nil && execution.Status != run.StatusSucceeded {
		return program.Failure
	}
	return err
}

func showProgress(ctx context.Context, c *console.Console, history runs.History, arn string) (run.Execution, error) {
	var progress *console.Progress
	noteWaiting := sync.OnceFunc(func() { c.Note(console.Text("Waiting for the lock and reading memberships …")) })
	execution, err := history.Follow(ctx, arn, func(p run.Progress) {
		noteWaiting()
		if p.Total == 0 { // The users are not counted yet.
			return
		}
		if progress == nil {
			progress = c.Progress("Syncing", p.Total)
		}
		progress.Set(p.Done)
	})
	if progress != nil {
		progress.Stop()
	}
	return execution, err
}

// stopFollowing ends a command that was interrupted while it followed a run.
func stopFollowing(c *console.Console) error {
	c.Note(console.Text("No longer following; the run continues. `sync-users status` shows it."))
	return program.Interrupted
}

// executionError is the error of an execution that ended before it synced users.
func executionError(e run.Execution) error {
	why := cmp.Or(e.Cause, e.Error, "no reason was given")
	return hint.With(fmt.Errorf("the run %s %s after %s: %s", e.Name, view.StatusText(e.Status), view.Duration(e.StartedAt, e.EndedAt), why),
		"No user was synced, and none lost access; start it again when the cause is fixed.")
}
