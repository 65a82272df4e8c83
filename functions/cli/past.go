package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// Where a run was done.
const (
	fromWorkflow    = "workflow"
	fromCommandLine = "command line"
)

// past is a run, going on or ended, of the workflow or from a command line.
type past struct {
	Run       string     `json:"run"`
	From      string     `json:"from"`
	Status    run.Status `json:"status"`
	StartedAt time.Time  `json:"startedAt"`
	EndedAt   *time.Time `json:"endedAt"`
	DryRun    bool       `json:"dryRun"`
	Username  string     `json:"username,omitempty"`
	// Totals are those of the report; of a run that is going on, only the
	// number of users is there, and how many are Done.
	Totals *run.Totals `json:"totals"`
	Done   int         `json:"done"`
	// Error says why a run without a report failed.
	Error string `json:"error,omitempty"`

	execution run.Execution
}

// past gives the latest n runs, the newest first.
func (d *deployment) past(ctx context.Context, n int) ([]past, error) {
	executions, err := d.workflow.Latest(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	names, err := d.runs.Names(ctx, syncName+"-")
	if err != nil {
		return nil, err
	}
	going, err := runlock.LeaseOwner(ctx, d.turns)
	if err != nil {
		return nil, err
	}
	runs := make([]past, len(executions), len(executions)+n)
	for i, e := range executions {
		runs[i] = past{Run: e.Name, From: fromWorkflow, Status: e.Status, StartedAt: e.StartedAt, execution: e}
	}
	for _, name := range names[max(0, len(names)-n):] {
		if !slices.ContainsFunc(executions, func(e run.Execution) bool { return e.Name == name }) {
			runs = append(runs, past{Run: name, From: fromCommandLine})
		}
	}
	if going != "" && !slices.Contains(names, going) {
		runs = append(runs, past{Run: going, From: fromCommandLine, Status: run.StatusRunning, StartedAt: startOf(going)})
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range runs {
		group.Go(func() error { return d.fill(groupCtx, &runs[i]) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(runs, func(a, b past) int { return cmp.Compare(b.StartedAt.UnixNano(), a.StartedAt.UnixNano()) })
	return runs[:min(n, len(runs))], nil
}

// fill completes what a list does not tell of a run.
func (d *deployment) fill(ctx context.Context, p *past) error {
	if p.From == fromWorkflow && !p.execution.Ended() {
		progress, ok, err := d.watch.Progress(ctx, p.execution.ARN)
		if ok {
			p.Totals, p.Done = &run.Totals{Users: progress.Total}, progress.Done
		}
		return err
	}
	if p.From == fromWorkflow {
		ended := p.execution.EndedAt
		p.EndedAt = &ended
	}
	report, err := d.report(ctx, p.Run)
	switch {
	case errors.Is(err, errNoReport):
		return d.why(ctx, p)
	case err != nil:
		return err
	}
	p.DryRun, p.Username, p.Totals, p.Done = report.DryRun, report.Username, &report.Totals, report.Totals.Users
	if p.From == fromCommandLine {
		p.StartedAt, p.EndedAt, p.Status = report.StartedAt, &report.EndedAt, run.StatusSucceeded
		if report.Totals.Failed > 0 {
			p.Status = run.StatusFailed
		}
	}
	return nil
}

// why finds out why a run left no report.
func (d *deployment) why(ctx context.Context, p *past) error {
	if p.From == fromCommandLine {
		return nil
	}
	e, err := d.watch.Execution(ctx, p.execution.ARN)
	if err != nil {
		return err
	}
	p.execution, p.Error = e, e.Error
	return nil
}
