// Package summarize makes a run's report and the mail about it from what the run
// left in the runs bucket.
package summarize

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"time"

	"github.com/digipres/sync-users/shared/domain/maprun"
	"github.com/digipres/sync-users/shared/domain/metrics"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/snapshot"
)

// Event is the input of summarize-run.
type Event struct {
	Run run.Metadata `json:"run"`
	// Results is where the Map's manifest is: its ResultWriterDetails.
	Results struct{ Bucket, Key string } `json:"results"`
}

// LogAttrs returns the attributes of every log line.
func (e Event) LogAttrs() []slog.Attr { return []slog.Attr{slog.String("execution", e.Run.Execution)} }

// Output is the output of summarize-run. It is below 16 KiB for any number of
// users.
type Output struct {
	Execution string     `json:"execution"`
	DryRun    bool       `json:"dryRun"`
	Totals    run.Totals `json:"totals"`
	// Report is where the whole report is.
	Report run.Object `json:"report"`
	// Subject and Message are those of the mail. The message is empty if no
	// user failed.
	Subject string `json:"subject"`
	Message string `json:"message"`
}

// Function is the Lambda function summarize-run, the end of a run.
type Function struct {
	Reader maprun.Reader
	Writer Writer
	// Now returns the time at which the run ended.
	Now func() time.Time
}

// Handle reads the result of each user, writes the report, its page and its summary beside
// the run's users, and the snapshot unless it was a dry run, and returns the totals and the
// text of the mail. A user without a result counts as failed. It has only the results in
// memory, and the report's page or JSON while it is saved.
func (f Function) Handle(ctx context.Context, event Event) (Output, error) {
	before, damage := snapshot.Load(ctx, f.Reader, event.Run.Users.Bucket)
	if damage != nil && !errors.Is(damage, snapshot.ErrDamaged) {
		return Output{}, damage
	}
	recorder := snapshot.NewRecorder(before, event.Run)
	results, err := userResults(
		run.Items[run.User](ctx, f.Reader, event.Run.Users),
		maprun.Children(ctx, f.Reader, run.Object{Bucket: event.Results.Bucket, Key: event.Results.Key}),
		recorder.Record)
	if err != nil {
		return Output{}, err
	}
	report := run.Report{Results: results, Summary: run.Summary{
		Execution:     event.Run.Execution,
		StartedAt:     event.Run.StartedAt,
		EndedAt:       f.Now(),
		DryRun:        event.Run.DryRun,
		Username:      event.Run.Username,
		ChangedOnly:   event.Run.ChangedOnly,
		TooManyLosses: event.Run.TooManyLosses,
		Totals:        run.Count(results),
	}}
	report, object, err := Save(ctx, f.Writer, report, run.Installation{
		CloudFormationStack: event.Run.StateMachine, RunsBucket: event.Run.Users.Bucket,
	})
	if err != nil {
		return Output{}, fmt.Errorf("save the report: %w", err)
	}
	if err := f.saveSnapshot(ctx, event.Run, recorder, damage); err != nil {
		return Output{}, err
	}
	metrics.Log(ctx, "run summarized", event.Run.StateMachine, metricValues(report), "report", object.Key, "dryRun", strconv.FormatBool(report.DryRun))
	logFailures(ctx, report)
	return Output{
		Execution: report.Execution,
		DryRun:    report.DryRun,
		Totals:    report.Totals,
		Report:    object,
		Subject:   subject(report.Totals),
		Message:   message(report, object, event.Run.StateMachine),
	}, nil
}

// saveSnapshot saves what the run gave, for later runs to compare with. A run for one user
// leaves a damaged snapshot as it is, because it knows a part of it alone.
func (f Function) saveSnapshot(ctx context.Context, metadata run.Metadata, recorder *snapshot.Recorder, damage error) error {
	if metadata.DryRun || damage != nil && metadata.Username != "" {
		return nil
	}
	if _, err := f.Writer.Save(ctx, snapshot.Key, recorder.Snapshot()); err != nil {
		return fmt.Errorf("save what people have: %w", err)
	}
	return nil
}

// logFailures writes one line for each user whose last attempt failed. sync-user
// logs each attempt, but not one that timed out.
func logFailures(ctx context.Context, report run.Report) {
	for _, result := range report.Results {
		if result.Outcome == run.Failed {
			slog.ErrorContext(ctx, "user failed", "username", result.Username, "email", result.Email,
				"outcome", result.Outcome, "kind", result.Error, "reason", result.Reason)
		}
	}
}

// metricValues returns a run's metrics. Those of a dry run leave out the outcomes,
// and CompleteRuns counts only runs for all users.
func metricValues(report run.Report) map[string]float64 {
	values := map[string]float64{"DurationSeconds": report.EndedAt.Sub(report.StartedAt).Seconds()}
	if report.DryRun {
		return values
	}
	if report.Username == "" && !report.ChangedOnly {
		values["CompleteRuns"] = 1
	}
	totals := report.Totals
	maps.Copy(values, map[string]float64{
		"Updated":   float64(totals.Updated),
		"Unchanged": float64(totals.Unchanged),
		"Revoked":   float64(totals.Revoked),
		"Skipped":   float64(totals.Skipped),
		"Failed":    float64(totals.Failed),
	})
	return values
}
