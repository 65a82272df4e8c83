// Package history reads the runs of a deployed send-files.
package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/shared/domain/maprun"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

// History is where runs are listed and recorded.
type History struct {
	Executions runs.Executions
	Records    run.Reader
	RunsBucket string
}

// Run is a run, whether it has ended or not.
type Run struct {
	Run       string     `json:"run"`
	Status    run.Status `json:"status"`
	StartedAt time.Time  `json:"startedAt"`
	EndedAt   *time.Time `json:"endedAt"`
	DryRun    bool       `json:"dryRun"`
	// Key is the only object of the run, and Keys how many were asked for by their keys.
	Key  string `json:"key,omitempty"`
	Keys int    `json:"keys,omitempty"`
	// Totals are those of the report. Before the end only the number of objects is known,
	// and how many are Done.
	Totals *sendrun.Totals `json:"totals"`
	Done   int             `json:"done"`
	// Error and Reason are those of a run that failed as a whole.
	Error  string `json:"error,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Page is where the page of the report is, `s3://bucket/key`, if there is one.
	Page string `json:"page,omitempty"`

	arn string
	// quiet: it succeeded without a report, because there was nothing to send, or because
	// another run sends it.
	quiet bool
}

// lookBack is how many executions are looked at for each run that is wanted, because each
// upload starts one, of which most leave their work to another.
const lookBack = 10

// Latest returns the latest n runs, the newest first, without those that had nothing to send or
// left it to another. Quiet counts these among the executions that were looked at.
func (h History) Latest(ctx context.Context, n int) (latest []Run, quiet int, err error) {
	executions, err := h.Executions.Latest(ctx, n*lookBack, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("list the runs: %w", err)
	}
	latest = []Run{}
	for len(executions) > 0 && len(latest) < n {
		some := min(n, len(executions))
		read, err := h.readDetails(ctx, executions[:some])
		if err != nil {
			return nil, 0, err
		}
		executions = executions[some:]
		for _, r := range read {
			switch {
			case len(latest) == n:
			case r.quiet:
				quiet++
			default:
				latest = append(latest, r)
			}
		}
	}
	return latest, quiet, nil
}

// readDetails reads what a list of executions leaves out.
func (h History) readDetails(ctx context.Context, executions []run.Execution) ([]Run, error) {
	read := make([]Run, len(executions))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i, e := range executions {
		group.Go(func() (err error) {
			read[i], err = h.details(ctx, e)
			return err
		})
	}
	return read, group.Wait()
}

func (h History) details(ctx context.Context, e run.Execution) (Run, error) {
	r := Run{Run: e.Name, Status: e.Status, StartedAt: e.StartedAt.UTC(), arn: e.ARN}
	if !e.Ended() {
		progress, ok, err := h.Executions.Progress(ctx, e.ARN)
		if ok {
			r.Totals, r.Done = &sendrun.Totals{Objects: progress.Total}, progress.Done
		}
		return r, err
	}
	ended := e.EndedAt.UTC()
	r.EndedAt = &ended
	var summary sendrun.Summary
	err := h.load(ctx, run.SummaryKey(e.Name), &summary)
	switch {
	case err == nil:
		r.DryRun, r.Key, r.Keys, r.Totals, r.Done = summary.DryRun, summary.Key, summary.Keys, &summary.Totals, summary.Totals.Objects
		r.Error, r.Reason, r.Page = summary.Error, summary.Reason, summary.Page
		return r, nil
	case !errors.Is(err, runs.ErrNoReport):
		return r, err
	case e.Status == run.StatusSucceeded:
		r.quiet = true
		return r, nil
	}
	full, err := h.Executions.Execution(ctx, e.ARN)
	if full.Error != "" {
		r.Error, r.Reason = full.Error, maprun.Reason(full.Error, full.Cause)
	}
	return r, err
}

// ErrNoRun means that no run has ended with a report.
var ErrNoRun = errors.New("no run has ended with a report yet")

// LastEnded returns the name of the run that ended last, of those with a report that are wanted. It
// returns ErrNoRun if there is none among the latest.
func (h History) LastEnded(ctx context.Context, wanted func(Run) bool) (string, error) {
	latest, _, err := h.Latest(ctx, runs.RecentLimit)
	if err != nil {
		return "", err
	}
	var last Run
	for _, r := range latest {
		if r.EndedAt != nil && r.Totals != nil && wanted(r) && (last.EndedAt == nil || r.EndedAt.After(*last.EndedAt)) {
			last = r
		}
	}
	if last.EndedAt == nil {
		return "", ErrNoRun
	}
	return last.Run, nil
}

// Report returns the report of a run, or runs.ErrNoReport.
func (h History) Report(ctx context.Context, name string) (report sendrun.Report, err error) {
	err = h.load(ctx, run.ReportKey(name), &report)
	return report, err
}

// Objects returns the objects that a run is about, in order of key. It returns
// runs.ErrNoReport if the run has not listed them.
func (h History) Objects(ctx context.Context, name string) (objects []sendfile.Object, err error) {
	err = h.load(ctx, sendrun.ObjectsKey(name), &objects)
	return objects, err
}

// Day returns the report of a day (UTC). It returns runs.ErrNoReport if no run ended then.
func (h History) Day(ctx context.Context, date time.Time) (day sendrun.Day, err error) {
	err = h.load(ctx, sendrun.DayKey(date), &day)
	return day, err
}

func (h History) load(ctx context.Context, key string, pointer any) error {
	return runs.Load(ctx, h.Records, run.Object{Bucket: h.RunsBucket, Key: key}, pointer)
}
