// Package view formats the results of commands as pages of the console.
package view

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/run"
)

var outcomeTones = map[run.Outcome]console.Tone{
	run.Updated: console.Good,
	run.Revoked: console.Warning,
	run.Skipped: console.Faint,
	run.Failed:  console.Bad,
}

// Outcome returns an outcome in its color, with a suffix.
func Outcome(o run.Outcome, suffix string) console.Span {
	return outcomeTones[o].Text(string(o) + suffix)
}

// Report shows a report. Its table has the results for which show returns true, or
// all if show is nil; JSON and CSV have all of them.
func Report(report run.Report, show func(run.Result) bool) console.Page {
	t := console.Table{Header: []string{"USER", "ACCOUNT", "OUTCOME", "DETAILS"}}
	csv := [][]string{resultFields}
	for _, r := range report.Results {
		csv = append(csv, resultRecord(r))
		if show == nil || show(r) {
			t.Rows = append(t.Rows, []console.Cell{
				{console.Text(r.Username)}, {console.Text(r.Email)}, {Outcome(r.Outcome, "")}, details(r),
			})
		}
	}
	return console.Page{
		Head:   head(report),
		Tables: []console.Table{t},
		Foot:   summary(report.Totals, len(t.Rows)),
		CSV:    csv,
		JSON:   report,
	}
}

// head is the title, and what keeps a run that writes from starting.
func head(report run.Report) []console.Span {
	spans := []console.Span{console.Text(title(report))}
	if report.TooManyLosses != "" {
		why, _, _ := strings.Cut(report.TooManyLosses, "\n\n") // Who it is about follows; the table has them.
		spans[0].Text += "."
		spans = append(spans, console.Bad.Text("A run that writes would not start: "+why))
	}
	return spans
}

func title(report run.Report) string {
	text := fmt.Sprintf("%s for %s, %s, took %s", cmp.Or(report.Execution, "Plan"), about(report.Summary),
		report.StartedAt.Local().Format(time.DateTime), console.Duration(report.StartedAt, report.EndedAt))
	if report.DryRun {
		text += "; nothing was written"
	}
	return text
}

// about says which users a run is about.
func about(summary run.Summary) string {
	if summary.ChangedOnly {
		return "those who changed"
	}
	return cmp.Or(summary.Username, "all users")
}

// resultFields are the fields of resultRecord.
var resultFields = []string{"username", "email", "outcome", "reason", "error", "added", "removed", "keyRotated", "buckets"}

func resultRecord(r run.Result) []string {
	return []string{
		r.Username, r.Email, string(r.Outcome), r.Reason, r.Error,
		strings.Join(r.Added, " "), strings.Join(r.Removed, " "), strconv.FormatBool(r.KeyRotated), strings.Join(r.Buckets, " "),
	}
}

// details are the changes, or the reason why there are none.
func details(r run.Result) console.Cell {
	if cell := changes(r); cell != nil && r.Outcome != run.Failed {
		return cell
	}
	return console.Cell{outcomeTones[r.Outcome].Text(r.Reason)}
}

func changes(r run.Result) (cell console.Cell) {
	for _, bucket := range r.Added {
		cell = append(cell, console.Good.Text("+"+bucket))
	}
	for _, bucket := range r.Removed {
		cell = append(cell, console.Bad.Text("-"+bucket))
	}
	if r.KeyRotated {
		cell = append(cell, console.Warning.Text("~access key"))
	}
	return cell
}

// countUsers returns the numbers of users in the order of run.Outcomes.
func countUsers(t run.Totals) []int {
	return []int{t.Updated, t.Unchanged, t.Revoked, t.Skipped, t.Failed}
}

// outcomeCounts returns texts such as "2 failed". Outcomes without users are plain, and
// left out unless zeros is true.
func outcomeCounts(totals run.Totals, zeros bool) (spans []console.Span) {
	for i, n := range countUsers(totals) {
		switch text := fmt.Sprintf("%d %s", n, run.Outcomes[i]); {
		case n > 0:
			spans = append(spans, outcomeTones[run.Outcomes[i]].Text(text))
		case zeros:
			spans = append(spans, console.Text(text))
		}
	}
	return spans
}

func summary(totals run.Totals, shown int) []console.Span {
	spans := append([]console.Span{console.Text(console.Count(totals.Users, "user") + ":")}, console.Commas(outcomeCounts(totals, true))...)
	if hidden := totals.Users - shown; hidden > 0 {
		spans = append(spans, console.Faint.Text(fmt.Sprintf("(%d not shown)", hidden)))
	}
	return spans
}
