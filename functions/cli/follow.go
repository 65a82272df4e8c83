package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/run"
)

// lookEvery is often enough for a person, and seldom enough for the quotas of
// Step Functions.
const lookEvery = time.Second

// follow shows how far an execution is until it ends, and then its report.
func (a *app) follow(ctx context.Context, d *deployment, nameOrARN string) error {
	execution, err := a.watch(ctx, d, nameOrARN)
	if ctx.Err() != nil {
		return a.noLonger()
	}
	if err != nil {
		return err
	}
	return a.showRun(ctx, d, execution)
}

// noLonger ends a command that was interrupted while it followed a run.
func (a *app) noLonger() error {
	a.console.Note(console.Say("No longer following; the run goes on. `sync-users status` shows it."))
	return exit(interrupted)
}

// watch waits for the end of an execution.
func (a *app) watch(ctx context.Context, d *deployment, nameOrARN string) (run.Execution, error) {
	var progress *console.Progress
	defer func() {
		if progress != nil {
			progress.Stop()
		}
	}()
	for first := true; ; first = false {
		execution, err := d.watch.Execution(ctx, nameOrARN)
		if err != nil || execution.Ended() {
			return execution, err
		}
		if first {
			a.console.Note(console.Say("Waiting for its turn and reading memberships …"))
		}
		counts, ok, err := d.watch.Progress(ctx, execution.ARN)
		if err != nil {
			return run.Execution{}, err
		}
		if ok && progress == nil {
			progress = a.console.Progress("Syncing", counts.Total)
		}
		if progress != nil {
			progress.Set(counts.Done)
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return run.Execution{}, ctx.Err()
		}
	}
}

func everyone(run.Result) bool { return true }

// showRun shows the report of an ended execution. One in which somebody failed
// ends with exit code 1; one that never got to people is an error.
func (a *app) showRun(ctx context.Context, d *deployment, execution run.Execution) error {
	report, err := d.report(ctx, execution.Name)
	switch {
	case errors.Is(err, errNoReport) && execution.Status != run.StatusSucceeded:
		return brokenRun(execution)
	case err != nil:
		return err
	}
	if err := a.console.Show(reportPage(report, everyone)); err != nil {
		return err
	}
	if execution.Status != run.StatusSucceeded {
		return exit(failed)
	}
	return nil
}

// errNoReport: the run has left none.
var errNoReport = errors.New("there is no report of that run")

// report reads a run's report, or is errNoReport.
func (d *deployment) report(ctx context.Context, name string) (run.Report, error) {
	var report run.Report
	err := d.runs.Load(ctx, run.Object{Bucket: d.runsBucket, Key: run.ReportKey(name)}, &report)
	if awsapi.Is(err, "NoSuchKey") {
		return run.Report{}, errNoReport
	}
	return report, err
}

// brokenRun is the error of a run that ended before anybody was synced.
func brokenRun(e run.Execution) error {
	why := e.Cause
	if why == "" {
		why = e.Error
	}
	if why == "" {
		why = "no reason was given"
	}
	status := strings.ReplaceAll(string(e.Status), "_", " ")
	return mended(fmt.Errorf("the run %s %s after %s: %s", e.Name, status, took(e.StartedAt, e.EndedAt), why),
		"Nobody was synced, and nobody lost access; start it again when the reason is mended.")
}
