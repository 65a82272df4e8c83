package sendrun

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/digipres/sync-users/shared/domain/failuremail"
	"github.com/digipres/sync-users/shared/domain/maprun"
	"github.com/digipres/sync-users/shared/domain/metrics"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// SummarizeEvent is the input of summarize-send: the state of the workflow.
type SummarizeEvent struct {
	StateMachine string    `json:"stateMachine"`
	Execution    string    `json:"execution"`
	StartedAt    time.Time `json:"startedAt"`
	State        struct {
		// Run is absent if the run could not begin.
		Run *Metadata `json:"run"`
		// Results is what the Map returned; absent if there was none.
		Results *struct {
			Manifest struct{ Bucket, Key string } `json:"ResultWriterDetails"`
		} `json:"results"`
		// Error is what ended the run as a whole.
		Error *struct{ Error, Cause string } `json:"error"`
	} `json:"state"`
}

// LogAttrs returns the attributes of every log line.
func (e SummarizeEvent) LogAttrs() []slog.Attr {
	return []slog.Attr{slog.String("execution", e.Execution)}
}

// SummarizeOutput is the output of summarize-send.
type SummarizeOutput struct {
	Execution string `json:"execution"`
	DryRun    bool   `json:"dryRun"`
	Totals    Totals `json:"totals"`
	// Report is where the whole report is.
	Report run.Object `json:"report"`
	// Failed is whether the run ends as failed, with Error and Cause.
	Failed bool   `json:"failed"`
	Error  string `json:"error"`
	Cause  string `json:"cause"`
	// Mail is absent if there is nothing to mail, or not yet.
	Mail *failuremail.Mail `json:"mail,omitempty"`
}

// Store keeps what runs leave.
type Store interface {
	ManifestStore
	maprun.Reader
	run.PageWriter
}

// SummarizeFunction is the Lambda function summarize-send.
type SummarizeFunction struct {
	Store Store
	Mails failuremail.Logs
	// RunsBucket is the bucket of the Store.
	RunsBucket string
	Now        func() time.Time
}

// Handle writes the reports of the run and of the day, notes in the manifest what was sent,
// and returns the totals and the mail that is due.
func (f SummarizeFunction) Handle(ctx context.Context, event SummarizeEvent) (SummarizeOutput, error) {
	report, err := f.report(ctx, event)
	if err != nil {
		return SummarizeOutput{}, err
	}
	installation := run.Installation{CloudFormationStack: event.StateMachine, RunsBucket: f.RunsBucket}
	if page, err := run.SavePage(ctx, f.Store, report.Execution, Page(report, installation)); err != nil {
		slog.WarnContext(ctx, "page of the report not saved", "error", err)
	} else {
		report.Page = page.URI()
	}
	place, err := f.Store.Save(ctx, run.ReportKey(report.Execution), report)
	if err != nil {
		return SummarizeOutput{}, fmt.Errorf("save the report: %w", err)
	}
	if _, err := f.Store.Save(ctx, run.SummaryKey(report.Execution), report.Summary); err != nil {
		slog.WarnContext(ctx, "summary of the run not saved", "error", err)
	}
	failures := f.failures(report)
	for _, failure := range failures {
		slog.ErrorContext(ctx, "failed", "key", failure.Key, "outcome", sendfile.Failed, "kind", failure.Kind, "reason", failure.Reason)
	}
	metrics.Log(ctx, "run summarized", event.StateMachine, metricValues(report), "report", place.Key, "dryRun", strconv.FormatBool(report.DryRun))
	output := SummarizeOutput{Execution: report.Execution, DryRun: report.DryRun, Totals: report.Totals, Report: place, Failed: report.Failed()}
	switch {
	case report.Error != "":
		output.Error, output.Cause = maprun.FailName(report.Error), report.Reason
	case output.Failed:
		output.Error = "ObjectsFailed"
		output.Cause = fmt.Sprintf("%d of %d objects could not be sent: %s", report.Totals.Failed, report.Totals.Objects, place.URI())
	}
	if report.DryRun {
		return output, nil
	}
	if event.State.Run != nil { // It has the lock.
		if err := f.note(ctx, report, failures); err != nil {
			return SummarizeOutput{}, err
		}
	}
	output.Mail, err = f.mail(ctx, event.StateMachine, report, failures)
	return output, err
}

func (f SummarizeFunction) report(ctx context.Context, event SummarizeEvent) (Report, error) {
	report := Report{Results: []sendfile.Result{}, Summary: Summary{Execution: event.Execution, StartedAt: event.StartedAt, EndedAt: f.Now()}}
	if caught := event.State.Error; caught != nil {
		report.Error, report.Reason = caught.Error, maprun.Reason(caught.Error, caught.Cause)
	}
	metadata := event.State.Run
	if metadata == nil {
		return report, nil
	}
	report.DryRun, report.Key, report.Keys = metadata.DryRun, metadata.Key, metadata.Keys
	if results := event.State.Results; results != nil {
		var err error
		report.Results, err = objectResults(
			run.Items[sendfile.Object](ctx, f.Store, metadata.Objects),
			maprun.Children(ctx, f.Store, run.Object{Bucket: results.Manifest.Bucket, Key: results.Manifest.Key}))
		if err != nil {
			return Report{}, err
		}
	}
	for _, result := range report.Results {
		report.Totals.count(result)
	}
	return report, nil
}

// failures returns what failed in the run.
func (f SummarizeFunction) failures(report Report) []failuremail.Failure {
	var failures []failuremail.Failure
	if report.Error != "" {
		failures = append(failures, failuremail.Failure{Kind: report.Error, Reason: report.Reason, Execution: report.Execution, At: report.EndedAt})
	}
	for _, result := range report.Results {
		if result.Outcome == sendfile.Failed {
			failures = append(failures, failuremail.Failure{Key: result.Key, Kind: result.Error, Reason: result.Reason, Execution: report.Execution, At: report.EndedAt})
		}
	}
	return failures
}

// note writes the manifest and the report of the day.
func (f SummarizeFunction) note(ctx context.Context, report Report, failures []failuremail.Failure) error {
	manifest, changed := Manifest(nil), false
	for _, result := range report.Results {
		// After any other action the object is not there any more. Objects that are left
		// alone for what is on the server have a path.
		kept := result.After == sendfile.Keep || result.After == sendfile.Tag || result.Outcome == sendfile.Skipped && result.Path != ""
		if result.Outcome == sendfile.Failed || !kept {
			continue
		}
		if manifest == nil {
			var err error
			if manifest, err = readManifest(ctx, f.Store); err != nil {
				return err
			}
		}
		if entry := hash(result.Object); !manifest[entry] {
			manifest[entry], changed = true, true
		}
	}
	if changed {
		if err := manifest.save(ctx, f.Store); err != nil {
			return err
		}
	}
	day := Day{Date: report.EndedAt.UTC().Format(time.DateOnly)}
	if _, err := f.Store.LoadIfExists(ctx, DayKey(report.EndedAt), &day); err != nil {
		return fmt.Errorf("read the report of the day: %w", err)
	}
	day.add(report, failures)
	if _, err := f.Store.Save(ctx, DayKey(report.EndedAt), day); err != nil {
		return fmt.Errorf("save the report of the day: %w", err)
	}
	return nil
}

// mail adds the failures to those that wait, and returns the mail about all of them if it
// is due.
func (f SummarizeFunction) mail(ctx context.Context, installation string, report Report, failures []failuremail.Failure) (*failuremail.Mail, error) {
	return failuremail.Gather(ctx, f.Mails, failuremail.Texts{
		Installation: installation, RunsBucket: f.RunsBucket,
		One: "object", Many: "objects", Failed: "could not be sent",
		Stays: "They are where they were, and every run tries them again", Remedies: sendfile.Remedies,
	}, report.EndedAt, failures, resolvedBy(report))
}

// resolvedBy returns which failures the run has shown to be over, by their keys.
func resolvedBy(report Report) func(key string) bool {
	done := map[string]bool{}
	for _, result := range report.Results {
		if result.Outcome != sendfile.Failed {
			done[result.Key] = true
		}
	}
	return func(key string) bool { return done[key] || key == "" && report.Error == "" }
}

// metricValues returns a run's metrics. Those of a dry run leave out the outcomes. What was
// sent is counted when it is.
func metricValues(report Report) map[string]float64 {
	values := map[string]float64{"DurationSeconds": report.EndedAt.Sub(report.StartedAt).Seconds()}
	if report.DryRun {
		return values
	}
	values["ObjectsFailed"] = float64(report.Totals.Failed)
	if report.Error != "" {
		values["RunsFailed"] = 1
	}
	return values
}
