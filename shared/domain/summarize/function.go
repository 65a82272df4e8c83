package summarize

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"time"

	"github.com/digipres/sync-users/shared/domain/metrics"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Event is what the workflow hands to summarize-run.
type Event struct {
	Run run.Metadata `json:"run"`
	// Results is where the Map left its manifest, in the words of its
	// ResultWriterDetails.
	Results struct{ Bucket, Key string } `json:"results"`
}

// LogAttrs are what every log line carries.
func (e Event) LogAttrs() []slog.Attr { return []slog.Attr{slog.String("execution", e.Run.Execution)} }

// Output is what the workflow goes on with. However many users a run had, it
// stays below 16 KiB.
type Output struct {
	Execution string     `json:"execution"`
	DryRun    bool       `json:"dryRun"`
	Totals    run.Totals `json:"totals"`
	// Report is where the whole report stands.
	Report run.Object `json:"report"`
	// Subject and Message are the mail's; the message is empty when nobody
	// failed.
	Subject string `json:"subject"`
	Message string `json:"message"`
}

// Function is summarize-run: the end of a run.
type Function struct {
	Reader run.Reader
	Writer run.Writer
	// Now tells the time at which the run ended.
	Now func() time.Time
}

// Handle reads what became of every user, writes the report beside the run's
// users, and returns the totals and the text of the mail. A user of whom no
// result is found counts as failed.
func (f Function) Handle(ctx context.Context, event Event) (Output, error) {
	var users []run.User
	if err := f.Reader.Load(ctx, event.Run.Users, &users); err != nil {
		return Output{}, fmt.Errorf("read the users of the run: %w", err)
	}
	byUser, err := results(ctx, f.Reader, run.Object{Bucket: event.Results.Bucket, Key: event.Results.Key})
	if err != nil {
		return Output{}, err
	}
	report := run.Report{
		Execution: event.Run.Execution,
		StartedAt: event.Run.StartedAt,
		EndedAt:   f.Now(),
		DryRun:    event.Run.DryRun,
		Username:  event.Run.Username,
		Results:   make([]run.Result, 0, len(users)),
	}
	for _, user := range users {
		report.Results = append(report.Results, resultOf(user, byUser))
	}
	report.Totals = run.Count(report.Results)
	at, err := f.Writer.Save(ctx, run.ReportKey(event.Run.Execution), report)
	if err != nil {
		return Output{}, fmt.Errorf("save the report: %w", err)
	}
	metrics.Log(ctx, "run summarized", event.Run.StateMachine, counts(report), "report", at.Key, "dryRun", strconv.FormatBool(report.DryRun))
	logFailures(ctx, report)
	return Output{
		Execution: report.Execution,
		DryRun:    report.DryRun,
		Totals:    report.Totals,
		Report:    at,
		Subject:   subject(report.Totals),
		Message:   message(report, at),
	}, nil
}

// logFailures writes a line for each person who failed for good. The function that
// tried wrote one an attempt, or none if it was cut off.
func logFailures(ctx context.Context, report run.Report) {
	for _, result := range report.Results {
		if result.Outcome == run.Failed {
			slog.ErrorContext(ctx, "user failed", "username", result.Username, "email", result.Email,
				"outcome", result.Outcome, "kind", result.Error, "reason", result.Reason)
		}
	}
}

// counts are a run's metrics. A dry run changes nobody, so it counts nobody.
// CompleteRuns are those for everybody that came to their end.
func counts(report run.Report) map[string]float64 {
	counts := map[string]float64{"DurationSeconds": report.EndedAt.Sub(report.StartedAt).Seconds()}
	if report.DryRun {
		return counts
	}
	if report.Username == "" {
		counts["CompleteRuns"] = 1
	}
	totals := report.Totals
	maps.Copy(counts, map[string]float64{
		"Updated":   float64(totals.Updated),
		"Unchanged": float64(totals.Unchanged),
		"Revoked":   float64(totals.Revoked),
		"Skipped":   float64(totals.Skipped),
		"Failed":    float64(totals.Failed),
	})
	return counts
}

func resultOf(user run.User, byUser map[string]run.Result) run.Result {
	result, ok := byUser[user.Username]
	if !ok {
		result = run.Result{
			Username: user.Username,
			Outcome:  run.Failed,
			Error:    "NoResult",
			Reason:   "the run ended before it got to this user",
		}
	}
	result.Email = user.Email
	return result
}
