// Package runs reads the runs of a deployed state machine, and those that a
// command line did itself and recorded in the same runs bucket.
package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/domain/maprun"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// Executions reads the executions of the state machine.
type Executions interface {
	// Latest returns up to n executions that are wanted, the newest first.
	Latest(ctx context.Context, n int, wanted func(run.Execution) bool) ([]run.Execution, error)
	Execution(ctx context.Context, nameOrARN string) (run.Execution, error)
	// Progress returns false if the execution has not started with its users.
	Progress(ctx context.Context, arn string) (progress run.Progress, ok bool, err error)
}

// Records reads and writes what runs leave in the runs bucket.
type Records interface {
	run.Reader
	run.Opener
	run.Writer
	run.PageWriter
	// Names returns the names of runs that have a prefix, in order.
	Names(ctx context.Context, prefix string) ([]string, error)
}

// History is where runs are listed and recorded.
type History struct {
	Executions Executions
	Records    Records
	RunsBucket string
	Lock       runlock.Store
	ChangesLister
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
	// ChangedOnly: the run was about those alone who changed.
	ChangedOnly bool `json:"changedOnly,omitempty"`
	// Totals are those of the report. Before the end only the number of users
	// is known, and how many are Done.
	Totals *run.Totals `json:"totals"`
	Done   int         `json:"done"`
	// Error and Reason are those of a run that ended without a report, or failed
	// though no user did.
	Error  string `json:"error,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Page is where the page of the report is, `s3://bucket/key`, if there is one.
	Page string `json:"page,omitempty"`
	// SyncedNobody: the run succeeded and synced nobody, for the Reason.
	SyncedNobody bool `json:"-"`

	arn string // of the execution, if there is one
}

// Latest returns the latest n runs, the newest first.
func (h History) Latest(ctx context.Context, n int) ([]Run, error) {
	runs, err := h.list(ctx, n)
	if err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range runs {
		group.Go(func() error { return h.readDetails(ctx, &runs[i]) })
	}
	return runs, group.Wait()
}

// Names returns the names of the latest n runs, the newest first.
func (h History) Names(ctx context.Context, n int) (names []string, err error) {
	runs, err := h.list(ctx, n)
	for _, r := range runs {
		names = append(names, r.Run)
	}
	return names, err
}

// list returns the latest n runs, the newest first, without their details, and without
// the scheduled ones that found nothing changed: there are hundreds a day, and they
// leave no record. The time at which a sync from a command line started is in its name.
func (h History) list(ctx context.Context, n int) ([]Run, error) {
	changes, err := h.Records.Names(ctx, run.ChangedOnlyPrefix)
	if err != nil {
		return nil, err
	}
	executions, err := h.Executions.Latest(ctx, n, func(e run.Execution) bool {
		_, synced := slices.BinarySearch(changes, e.Name)
		return synced || e.Status != run.StatusSucceeded || !strings.HasPrefix(e.Name, run.ChangedOnlyPrefix)
	})
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
			runs = append(runs, Run{Run: name, From: FromCommandLine, StartedAt: startTime(name)})
		}
	}
	if running != "" && !slices.Contains(names, running) {
		runs = append(runs, Run{Run: running, From: FromCommandLine, Status: run.StatusRunning, StartedAt: startTime(running)})
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
	summary, err := h.summary(ctx, r.Run)
	if err != nil && !errors.Is(err, ErrNoReport) {
		return err
	}
	if err == nil {
		r.DryRun, r.Username, r.ChangedOnly = summary.DryRun, summary.Username, summary.ChangedOnly
		r.Totals, r.Done, r.Page = &summary.Totals, summary.Totals.Users, summary.Page
	}
	switch hasReport := err == nil; {
	case r.From == FromWorkflow && (!hasReport || r.Status != run.StatusSucceeded && summary.Totals.Failed == 0):
		return h.readEnd(ctx, r)
	case r.From == FromCommandLine && hasReport:
		r.StartedAt, r.EndedAt, r.Status = summary.StartedAt, &summary.EndedAt, run.StatusSucceeded
		if summary.Totals.Failed > 0 {
			r.Status = run.StatusFailed
		}
	}
	return nil
}

// readEnd reads why a run of the workflow ended as it did.
func (h History) readEnd(ctx context.Context, r *Run) error {
	e, err := h.Executions.Execution(ctx, r.arn)
	if err != nil {
		return err
	}
	r.Error, r.SyncedNobody = e.Error, e.SyncedNobody()
	if e.Error != "" {
		r.Reason = maprun.Reason(e.Error, e.Cause)
	}
	return nil
}

// ErrNoReport means that a run has no report.
var ErrNoReport = errors.New("there is no report of that run")

// Report reads the report of a run. It returns ErrNoReport if there is none.
func (h History) Report(ctx context.Context, name string) (report run.Report, err error) {
	err = h.load(ctx, run.ReportKey(name), &report)
	return report, err
}

// summary reads the summary of a run, or its report if an earlier version left no
// summary. It returns ErrNoReport if there is neither.
func (h History) summary(ctx context.Context, name string) (summary run.Summary, err error) {
	err = h.load(ctx, run.SummaryKey(name), &summary)
	if errors.Is(err, ErrNoReport) {
		err = h.load(ctx, run.ReportKey(name), &summary)
	}
	return summary, err
}

// load returns ErrNoReport if there is no object of that key.
func (h History) load(ctx context.Context, key string, value any) error {
	return Load(ctx, h.Records, run.Object{Bucket: h.RunsBucket, Key: key}, value)
}

// Load reads JSON that a run has left into a value, given a pointer to it. It returns
// ErrNoReport if it has not.
func Load(ctx context.Context, records run.Reader, object run.Object, pointer any) error {
	err := records.Load(ctx, object, pointer)
	if errors.Is(err, run.ErrNoObject) {
		return ErrNoReport
	}
	return err
}
