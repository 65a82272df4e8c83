package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/maprun"
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
	if execution.Error == run.NothingChanged {
		c.Note(console.Text("There was nothing to do: " + execution.Cause + "."))
		return nil
	}
	report, err := history.Report(ctx, execution.Name)
	switch {
	case errors.Is(err, runs.ErrNoReport):
		return withoutReportError(ctx, history, execution)
	case err != nil:
		return err
	}
	if err := c.Show(view.Report(report, nil)); err != nil {
		return err
	}
	if execution.Status == run.StatusSucceeded {
		return nil
	}
	if report.Totals.Failed == 0 {
		c.Note(console.Bad.Text("No user failed, but the run itself " + runs.StatusText(execution.Status) + ": " + maprun.Reason(execution.Error, execution.Cause)))
	}
	return program.Failure
}

func showProgress(ctx context.Context, c *console.Console, history runs.History, arn string) (run.Execution, error) {
	var progress *console.Progress
	noteWaiting := sync.OnceFunc(func() { c.Note(console.Text("Waiting for the lock and reading memberships …")) })
	execution, err := runs.Follow(ctx, history.Executions, arn, func(p run.Progress) {
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

// withoutReportError is the error of a run that ended without a report. It says what is
// known of the run, and of the users whom it may have synced.
func withoutReportError(ctx context.Context, history runs.History, e run.Execution) error {
	took := console.Duration(e.StartedAt, e.EndedAt)
	switch {
	case e.Error == run.NothingChanged:
		return hint.With(fmt.Errorf("the run %s has no report, because %s", e.Name, e.Cause), "It is about those alone who changed; there was nothing to do.")
	case e.SyncedNobody():
		return hint.With(fmt.Errorf("the run %s was superseded after %s: %s", e.Name, took, maprun.Reason(e.Error, e.Cause)),
			"It synced nobody; `sync-users status` shows the newer run.")
	case e.Status == run.StatusSucceeded:
		return hint.With(errors.New("the report of the run "+e.Name+" is gone"), "The runs bucket keeps reports for a limited time only.")
	}
	why, _, _ := strings.Cut(e.Cause, "\n\n") // What follows in a mail is what to do about it.
	if !strings.Contains(why, e.Error) {
		why = strings.TrimSuffix(e.Error+": "+why, ": ")
	}
	return hint.With(fmt.Errorf("the run %s %s after %s: %s", e.Name, runs.StatusText(e.Status), took, cmp.Or(why, "no reason was given")),
		usersOf(ctx, history, e))
}

// usersOf says how far a run came that has no report.
func usersOf(ctx context.Context, history runs.History, e run.Execution) string {
	if e.Error == string(errkind.TooManyLosses) {
		return "It had synced nobody, and nobody lost access."
	}
	var input startInput
	if json.Unmarshal([]byte(e.Input), &input) == nil && input.DryRun {
		return "It was a dry run, which writes nothing."
	}
	progress, known, err := history.Executions.Progress(ctx, e.ARN)
	switch {
	case err != nil:
		return "Users may have been synced before; `sync-users plan` shows what is left to do."
	case !known:
		return "It had synced nobody, and nobody lost access; start it again when the cause is fixed."
	}
	return fmt.Sprintf("It had begun with up to %d of %s, who may have been synced; `sync-users plan` shows what is left to do.",
		progress.Running+progress.Done, console.Count(progress.Total, "user"))
}
