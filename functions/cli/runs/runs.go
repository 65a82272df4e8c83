// Package runs reads the runs of a deployed state machine, and those that a
// command line did itself and recorded in the same runs bucket.
package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// Executions reads the executions of the state machine.
type Executions interface {
	// Latest returns up to n executions, the newest first.
	Latest(ctx context.Context, n int) ([]run.Execution, error)
	Execution(ctx context.Context, nameOrARN string) (run.Execution, error)
	// Progress returns false if the execution has not started with its users.
	Progress(ctx context.Context, arn string) (progress run.Progress, ok bool, err error)
}

// Records reads and writes what runs leave in the runs bucket.
type Records interface {
	run.Reader
	run.Writer
	// Names returns the names of runs that have a prefix, in order.
	Names(ctx context.Context, prefix string) ([]string, error)
}

// History is where runs are listed and recorded.
type History struct {
	Executions Executions
	Records    Records
	RunsBucket string
	Lock       runlock.Store
}

// The origins of a run.
const (
	FromWorkflow    = "workflow"
	FromCommandLine = "command_line"
)

// Run is a run, whether it has ended or not.
type Run struct {
	Run       string     `json:"run"`
	From      string     `json:"from"`
	Status    run.Status `json:"status"`
	StartedAt time.Time  `json:"startedAt"`
	EndedAt   *time.Time `json:"endedAt"`
	DryRun    bool       `json:"dryRun"`
	Username  string     `json:"username,omitempty"`
	// Totals are those of the report. Before the end only the number of users
	// is known, and how many are Done.
	Totals *run.Totals `json:"totals"`
	Done   int         `json:"done"`
	// Error is that of a run that failed without a report.
	Error string `json:"error,omitempty"`

	arn string // of the execution, if there is one
}

// Latest returns the latest n runs, the newest first.
func (h History) Latest(ctx context.Context, n int) ([]Run, error) {
	executions, err := h.Executions.Latest(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	names, err := h.Records.Names(ctx, SyncPrefix+"-")
	if err != nil {
		return nil, err
	}
	running, err := runlock.LeaseOwner(ctx, h.Lock)
	if err != nil {
		return nil, err
	}
	runs := make([]Run, len(executions), len(executions)+n)
	for i, e := range executions {
		runs[i] = Run{Run: e.Name, From: FromWorkflow, Status: e.Status, StartedAt: e.StartedAt, arn: e.ARN}
		if e.Ended() {
			runs[i].EndedAt = &e.EndedAt
		}
	}
	for _, name := range names[max(0, len(names)-n):] {
		if !slices.ContainsFunc(executions, func(e run.Execution) bool { return e.Name == name }) {
			runs = append(runs, Run{Run: name, From: FromCommandLine})
		}
	}
	if running != "" && !slices.Contains(names, running) {
		runs = append(runs, Run{Run: running, From: FromCommandLine, Status: run.StatusRunning, StartedAt: startTime(running)})
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range runs {
		group.Go(func() error { return h.readDetails(groupCtx, &runs[i]) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(runs, func(a, b Run) int { return b.StartedAt.Compare(a.StartedAt) })
	return runs[:min(n, len(runs))], nil
}

// readDetails reads what a list of executions leaves out.
func (h History) readDetails(ctx context.Context, r *Run) error {
	if r.From == FromWorkflow && r.EndedAt == nil {
		progress, ok, err := h.Executions.Progress(ctx, r.arn)
		if ok {
			r.Totals, r.Done = &run.Totals{Users: progress.Total}, progress.Done
		}
		return err
	}
	report, err := h.Report(ctx, r.Run)
	switch {
	case errors.Is(err, ErrNoReport) && r.From == FromWorkflow:
		execution, err := h.Executions.Execution(ctx, r.arn)
		r.Error = execution.Error
		return err
	case errors.Is(err, ErrNoReport):
		return nil
	case err != nil:
		return err
	}
	r.DryRun, r.Username, r.Totals, r.Done = report.DryRun, report.Username, &report.Totals, report.Totals.Users
	if r.From == FromCommandLine {
		r.StartedAt, r.EndedAt, r.Status = report.StartedAt, &report.EndedAt, run.StatusSucceeded
		if report.Totals.Failed > 0 {
			r.Status = run.StatusFailed
		}
	}
	return nil
}

// ErrNoReport means that a run has no report.
var ErrNoReport = errors.New("there is no report of that run")

// Report reads the report of a run. It returns ErrNoReport if there is none.
func (h History) Report(ctx context.Context, name string) (run.Report, error) {
	var report run.Report
	err := h.Records.Load(ctx, run.Object{Bucket: h.RunsBucket, Key: run.ReportKey(name)}, &report)
	if awsapi.Is(err, "NoSuchKey") {
		return run.Report{}, ErrNoReport
	}
	return report, err
}
