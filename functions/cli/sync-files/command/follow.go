package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/functions/cli/sync-files/history"
	"github.com/digipres/sync-users/functions/cli/sync-files/view"
	"github.com/digipres/sync-users/shared/domain/bytesize"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/maprun"
	"github.com/digipres/sync-users/shared/domain/run"
)

// follow shows the progress of an execution until it ends, and then its report.
func follow(ctx context.Context, c *console.Console, h history.History, arn string) error {
	execution, err := showProgress(ctx, c, h, arn)
	if ctx.Err() != nil {
		c.Note(console.Text("No longer following; the run continues. `sync-files send status` shows it."))
		return program.Interrupted
	}
	if err != nil {
		return err
	}
	report, err := h.Report(ctx, execution.Name)
	switch {
	case errors.Is(err, runs.ErrNoReport) && execution.Status == run.StatusSucceeded && execution.Error == "":
		c.Note(console.Text("There was nothing to send."))
		return nil
	case errors.Is(err, runs.ErrNoReport):
		return withoutReportError(execution)
	case err != nil:
		return err
	}
	if err := c.Show(view.Report(report, nil)); err != nil {
		return err
	}
	switch {
	case report.Failed():
		return program.Failure
	case execution.Status != run.StatusSucceeded:
		c.Note(console.Bad.Text("No object failed, but the run itself " + runs.StatusText(execution.Status) + ": " + maprun.Reason(execution.Error, execution.Cause)))
		return program.Failure
	}
	return nil
}

func showProgress(ctx context.Context, c *console.Console, h history.History, arn string) (run.Execution, error) {
	var progress *console.Progress
	var rate rate
	noteWaiting := sync.OnceFunc(func() { c.Note(console.Text("Waiting for the lock and listing the objects …")) })
	show := func(p run.Progress) {
		noteWaiting()
		if p.Total == 0 { // The objects are not counted yet.
			return
		}
		if progress == nil {
			// Without the sizes there is no rate, which is no reason to stop.
			objects, _ := h.Objects(ctx, arn[strings.LastIndex(arn, ":")+1:])
			progress, rate.sizes, rate.start = c.Progress("Sending", p.Total), history.SizesOf(objects), time.Now()
		}
		progress.SetWithText(p.Done, rate.text(p, time.Now()))
	}
	execution, err := runs.Follow(ctx, h.Executions, arn, show)
	// A run may send all between two polls.
	if last, _, unread := h.Executions.Progress(ctx, arn); err == nil && unread == nil {
		show(last)
	}
	if progress != nil {
		progress.Stop()
	}
	return execution, err
}

// rate tells how many bytes were sent, and how fast.
type rate struct {
	sizes history.Sizes
	start time.Time
}

// text returns a text such as "1.2 GiB of 3.0 GiB, 45 MiB/s"; "" if the sizes are not known.
func (r rate) text(progress run.Progress, now time.Time) string {
	total := r.sizes.Total()
	if total == 0 {
		return ""
	}
	done := r.sizes.Done(progress)
	text := fmt.Sprintf("%s of %s", bytesize.Format(done), bytesize.Format(total))
	if seconds := now.Sub(r.start).Seconds(); seconds >= 1 && done > 0 {
		text += ", " + bytesize.Format(int64(float64(done)/seconds)) + "/s"
	}
	return text
}

// withoutReportError is the error of a run that ended without a report.
func withoutReportError(e run.Execution) error {
	took := console.Duration(e.StartedAt, e.EndedAt)
	switch {
	case e.Error == string(errkind.Superseded):
		return hint.With(fmt.Errorf("the run %s left what there is to the run in progress, after %s", e.Name, took),
			"`sync-files send status` shows that one.")
	case e.Status == run.StatusSucceeded:
		return hint.With(errors.New("the run "+e.Name+" has no report"), "It had nothing to send, or its report has expired.")
	}
	why, _, _ := strings.Cut(e.Cause, "\n\n")
	if !strings.Contains(why, e.Error) {
		why = strings.TrimSuffix(e.Error+": "+why, ": ")
	}
	return hint.With(fmt.Errorf("the run %s %s after %s: %s", e.Name, runs.StatusText(e.Status), took, cmp.Or(why, "no reason was given")),
		"What it has not sent is where it was; `sync-files send run` sends it.")
}
