package summarize

import (
	"context"
	"log/slog"

	"github.com/digipres/sync-users/shared/domain/run"
)

// Writer writes what a run leaves.
type Writer interface {
	run.Writer
	run.PageWriter
}

// Save writes the page of a report, the report, its summary, and its Changes if there are
// any, and returns the report with the place of its page, and its own place. It only logs an
// error of the page and of the summary, because both are made of the report.
func Save(ctx context.Context, writer Writer, report run.Report, installation run.Installation) (run.Report, run.Object, error) {
	if object, err := run.SavePage(ctx, writer, report.Execution, Page(report, installation)); err != nil {
		slog.WarnContext(ctx, "page of the report not saved", "error", err)
	} else {
		report.Page = object.URI()
	}
	object, err := writer.Save(ctx, run.ReportKey(report.Execution), report)
	if err != nil {
		return report, run.Object{}, err
	}
	if _, err := writer.Save(ctx, run.SummaryKey(report.Execution), report.Summary); err != nil {
		slog.WarnContext(ctx, "summary of the run not saved", "error", err)
	}
	if changes := report.Changes(); len(changes.Results) > 0 {
		if _, err := writer.Save(ctx, run.ChangesKey(report.StartedAt, report.Execution), changes); err != nil {
			return report, run.Object{}, err
		}
	}
	return report, object, nil
}
