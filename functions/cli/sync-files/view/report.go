// Package view formats the results of commands as pages of the console.
package view

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/bytesize"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

var outcomeTones = map[sendfile.Outcome]console.Tone{
	sendfile.Sent:      console.Good,
	sendfile.Unchanged: console.Faint,
	sendfile.Skipped:   console.Warning,
	sendfile.Failed:    console.Bad,
}

// Report shows a report. Its table has the results for which show returns true, or all if show is
// nil; JSON and CSV have all of them.
func Report(report sendrun.Report, show func(sendfile.Result) bool) console.Page {
	t := console.Table{Header: []string{"OBJECT", "SIZE", "OUTCOME", "SECONDS", "DETAILS"}}
	csv := [][]string{{"key", "size", "outcome", "path", "seconds", "after", "sha256", "error", "reason"}}
	for _, r := range report.Results {
		csv = append(csv, []string{r.Key, strconv.FormatInt(r.Size, 10), string(r.Outcome), r.Path, formatSeconds(r), string(r.After), r.SHA256, r.Error, r.Reason})
		if show == nil || show(r) {
			t.Rows = append(t.Rows, []console.Cell{
				{console.Text(r.Key)}, {console.Text(formatSize(r))}, {outcomeTones[r.Outcome].Text(string(r.Outcome))}, {console.Text(formatSeconds(r))}, details(r),
			})
		}
	}
	return console.Page{Head: head(report.Summary), Tables: []console.Table{t, remedies(report)}, Foot: summary(report.Totals, len(t.Rows)), CSV: csv, JSON: report}
}

// remedies say what to do about each kind of failure.
func remedies(report sendrun.Report) console.Table {
	t := console.Table{Title: "What to do"}
	kinds := map[string]bool{}
	if report.Error != "" {
		kinds[report.Error] = true
	}
	for _, r := range report.Results {
		if r.Outcome == sendfile.Failed {
			kinds[r.Error] = true
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		t.Rows = append(t.Rows, []console.Cell{{console.Bad.Text(kind)}, {console.Text(sendrun.Remedy(kind))}})
	}
	return t
}

// head is the title of a report, and why the run failed as a whole.
func head(s sendrun.Summary) []console.Span {
	text := fmt.Sprintf("%s for %s, %s, took %s", cmp.Or(s.Execution, "Plan"), about(s),
		s.StartedAt.Local().Format(time.DateTime), console.Duration(s.StartedAt, s.EndedAt))
	if s.DryRun {
		text += "; nothing was sent"
	}
	if s.Error == "" {
		return []console.Span{console.Text(text)}
	}
	return []console.Span{console.Text(text + "."), console.Bad.Text("The run failed as a whole: " + s.Reason + " (" + s.Error + ")")}
}

// about says which objects a run is about.
func about(s sendrun.Summary) string {
	switch {
	case s.Key != "":
		return s.Key
	case s.Keys > 0:
		return console.Count(s.Keys, "object")
	}
	return "all objects"
}

// formatSize returns the size of an object; "" for a failed one of which it is not known.
func formatSize(r sendfile.Result) string {
	if r.Size == 0 && r.Outcome == sendfile.Failed {
		return ""
	}
	return bytesize.Format(r.Size)
}

func formatSeconds(r sendfile.Result) string {
	if r.Seconds == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", r.Seconds)
}

// details are where a file is, or why there is none.
func details(r sendfile.Result) console.Cell {
	switch {
	case r.Outcome == sendfile.Failed:
		return console.Cell{console.Bad.Text(r.Error + ":"), console.Text(r.Reason)}
	case r.Outcome == sendfile.Sent && r.Path != "":
		return console.Cell{console.Text("→ " + r.Path)}
	}
	return console.Cell{outcomeTones[r.Outcome].Text(r.Reason)}
}

// outcomeCounts returns texts such as "2 failed". Outcomes without objects are plain, and left
// out unless zeros is true.
func outcomeCounts(t sendrun.Totals, zeros bool) (spans []console.Span) {
	for i, n := range []int{t.Sent, t.Unchanged, t.Skipped, t.Failed} {
		outcome := sendfile.Outcomes[i]
		text := fmt.Sprintf("%d %s", n, outcome)
		if outcome == sendfile.Sent && n > 0 {
			text += " (" + bytesize.Format(t.Bytes) + ")"
		}
		switch {
		case n > 0:
			spans = append(spans, outcomeTones[outcome].Text(text))
		case zeros:
			spans = append(spans, console.Text(text))
		}
	}
	return spans
}

func summary(totals sendrun.Totals, shown int) []console.Span {
	spans := append([]console.Span{console.Text(console.Count(totals.Objects, "object") + ":")}, console.Commas(outcomeCounts(totals, true))...)
	if hidden := totals.Objects - shown; hidden > 0 {
		spans = append(spans, console.Faint.Text(fmt.Sprintf("(%d not shown)", hidden)))
	}
	return spans
}

// Day shows the report of a day: its totals, and what failed last.
func Day(day sendrun.Day) console.Page {
	t := console.Table{Header: []string{"OBJECT", "ERROR", "WHY", "RUN"}}
	csv := [][]string{{"key", "error", "reason", "run", "at"}}
	for _, key := range slices.Sorted(maps.Keys(day.Failures)) {
		f := day.Failures[key]
		t.Rows = append(t.Rows, []console.Cell{
			{console.Text(cmp.Or(f.Key, "the run itself"))}, {console.Bad.Text(f.Kind)}, {console.Text(f.Reason)}, {console.Text(f.Execution)},
		})
		csv = append(csv, []string{f.Key, f.Kind, f.Reason, f.Execution, f.At.Format(time.RFC3339)})
	}
	return console.Page{
		Head:   []console.Span{console.Bold.Text(day.Date), console.Text("(UTC), " + console.Count(day.Runs, "run") + "; an object counts once in each run")},
		Tables: []console.Table{t}, Foot: summary(day.Totals, day.Totals.Objects), CSV: csv, JSON: day,
	}
}
