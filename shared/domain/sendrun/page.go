package sendrun

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/digipres/sync-users/shared/domain/bytesize"
	"github.com/digipres/sync-users/shared/domain/failuremail"
	"github.com/digipres/sync-users/shared/domain/page"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// maxOpen is the most objects that a table of a page shows before somebody asks for them.
const maxOpen = 1000

// tones are the colors of outcomes.
var tones = map[sendfile.Outcome]page.Tone{
	sendfile.Sent: page.Good, sendfile.Unchanged: page.Faint, sendfile.Skipped: page.Warning, sendfile.Failed: page.Bad,
}

// Page returns the page of a report: what failed and what to do about it, what was sent and
// where to, and all other objects.
func Page(report Report, installation run.Installation) page.Page {
	rows := map[sendfile.Outcome][]page.Row{}
	for _, r := range report.Results {
		outcome := r.Outcome
		if outcome == sendfile.Unchanged {
			outcome = sendfile.Skipped // They are in one table.
		}
		rows[outcome] = append(rows[outcome], row(r))
	}
	failed, sent, others := rows[sendfile.Failed], rows[sendfile.Sent], rows[sendfile.Skipped]
	title, sentTitle := "Run ", "Sent"
	if report.DryRun {
		title, sentTitle = "Dry run ", "Would be sent"
	}
	tables := []page.Table{
		{Title: page.Numbered("Failed", failed), Header: []string{"Object", "Size", "Why", "Error", "What to do"}, Rows: failed,
			Note: "They are where they were, and every run tries them again."},
		{Title: page.Numbered(sentTitle, sent), Header: []string{"Object", "Size", "Path", "Seconds", "The object", "SHA-256"}, Rows: sent,
			Note: "Seconds are those of the last invocation. Click on a heading to sort.", Collapsed: len(sent) > maxOpen},
		{Title: page.Numbered("Others", others), Header: []string{"Object", "Size", "Outcome", "Why", "Path"}, Rows: others,
			Collapsed: len(others) > maxOpen},
	}
	if report.Error != "" {
		tables = append([]page.Table{{Title: "The run failed", Header: []string{"Error", "Why", "What to do"}, Rows: []page.Row{{
			Cells: []page.Cell{page.Bad.Text(report.Error), page.Text(report.Reason), page.Text(Remedy(report.Error))},
		}}}}, tables...)
	}
	return page.Page{
		Title: title + report.Execution, Facts: facts(report.Summary, installation), Tables: tables,
		Counts: page.Counts(
			page.Count{N: report.Totals.Objects, Label: "objects"},
			page.Count{N: report.Totals.Failed, Label: "failed", Tag: string(sendfile.Failed), Tone: page.Bad},
			page.Count{N: report.Totals.Sent, Label: "sent", Tag: string(sendfile.Sent), Tone: page.Good},
			page.Count{N: report.Totals.Unchanged, Label: "unchanged", Tag: string(sendfile.Unchanged)},
			page.Count{N: report.Totals.Skipped, Label: "skipped", Tag: string(sendfile.Skipped), Tone: page.Warning},
		),
	}
}

func row(r sendfile.Result) page.Row {
	cells := []page.Cell{page.Text(r.Key), {Text: bytesize.Format(r.Size), SortBy: strconv.FormatInt(r.Size, 10)}}
	switch r.Outcome {
	case sendfile.Failed:
		if r.Size == 0 { // It is not known of an object whose sending was caught.
			cells[1] = page.Text("")
		}
		cells = append(cells, page.Text(r.Reason), page.Bad.Text(r.Error), page.Text(Remedy(r.Error)))
	case sendfile.Sent:
		cells = append(cells, page.Text(r.Path), page.Text(fmt.Sprintf("%.1f", r.Seconds)), page.Text(afterTexts[r.After]), page.Faint.Text(r.SHA256))
	default:
		cells = append(cells, tones[r.Outcome].Text(string(r.Outcome)), page.Text(r.Reason), page.Text(r.Path))
	}
	return page.Row{Tags: []string{string(r.Outcome)}, Cells: cells}
}

// Remedy returns what a person can do about an error of that name.
func Remedy(name string) string { return failuremail.Remedy(sendfile.Remedies, name) }

// afterTexts say what became of objects.
var afterTexts = map[sendfile.AfterAction]string{
	sendfile.Delete: "deleted", sendfile.Keep: "stays", sendfile.Archive: "moved", sendfile.Tag: "tagged",
}

func facts(summary Summary, installation run.Installation) []page.Fact {
	dryRun := "no"
	if summary.DryRun {
		dryRun = "yes: nothing was sent"
	}
	objects := cmp.Or(summary.Key, "all")
	if summary.Keys > 0 {
		objects = fmt.Sprintf("%d that were asked for", summary.Keys)
	}
	return []page.Fact{
		{Name: "Objects", Value: objects},
		{Name: "Dry run", Value: dryRun},
		{Name: "Sent", Value: bytesize.Format(summary.Totals.Bytes)},
		{Name: "Started", Value: page.Time(summary.StartedAt)},
		{Name: "Ended", Value: page.Time(summary.EndedAt)},
		{Name: "Took", Value: summary.EndedAt.Sub(summary.StartedAt).Round(time.Second / 10).String()},
		{Name: "CloudFormation stack", Value: installation.CloudFormationStack},
		{Name: "Runs bucket", Value: installation.RunsBucket},
	}
}
