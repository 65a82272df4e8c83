package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/run"
)

// tones are the colours of outcomes.
var tones = map[run.Outcome]console.Tone{
	run.Updated:   console.Good,
	run.Unchanged: console.Plain,
	run.Revoked:   console.Notable,
	run.Skipped:   console.Faint,
	run.Failed:    console.Bad,
}

// reportPage shows a report. Its table has the people who are shown; every
// other format has all of them.
func reportPage(report run.Report, shown func(run.Result) bool) console.Page {
	t := console.Table{Header: []string{"USER", "ACCOUNT", "OUTCOME", "DETAILS"}}
	records := [][]string{{"username", "email", "outcome", "reason", "error", "added", "removed", "keyRotated", "buckets"}}
	for _, r := range report.Results {
		records = append(records, []string{
			r.Username, r.Email, string(r.Outcome), r.Reason, r.Error,
			strings.Join(r.Added, " "), strings.Join(r.Removed, " "), strconv.FormatBool(r.KeyRotated), strings.Join(r.Buckets, " "),
		})
		if shown(r) {
			t.Rows = append(t.Rows, []console.Cell{
				{console.Say(r.Username)}, {console.Say(r.Email)}, {{Tone: tones[r.Outcome], Text: string(r.Outcome)}}, details(r),
			})
		}
	}
	return console.Page{
		Head:    []console.Text{console.Say(title(report))},
		Tables:  []console.Table{t},
		Foot:    foot(report.Totals, len(t.Rows)),
		Records: records,
		Value:   report,
	}
}

func title(report run.Report) string {
	what := report.Execution
	if what == "" {
		what = "Plan"
	}
	whom := "everybody"
	if report.Username != "" {
		whom = report.Username
	}
	text := fmt.Sprintf("%s for %s, %s, took %s", what, whom,
		report.StartedAt.Local().Format(time.DateTime), took(report.StartedAt, report.EndedAt))
	if report.DryRun {
		text += "; nothing was written"
	}
	return text
}

// took is a duration for people.
func took(from, to time.Time) string {
	d := to.Sub(from)
	if d < 10*time.Second {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// details are what was changed, or else why nothing was.
func details(r run.Result) console.Cell {
	var cell console.Cell
	for _, bucket := range r.Added {
		cell = append(cell, console.Text{Tone: console.Good, Text: "+" + bucket})
	}
	for _, bucket := range r.Removed {
		cell = append(cell, console.Text{Tone: console.Bad, Text: "-" + bucket})
	}
	if r.KeyRotated {
		cell = append(cell, console.Text{Tone: console.Notable, Text: "~access key"})
	}
	if cell != nil {
		return cell
	}
	return console.Cell{{Tone: tones[r.Outcome], Text: r.Reason}}
}

// outcomeCount is how many people had an outcome.
type outcomeCount struct {
	outcome run.Outcome
	n       int
}

// counts are the totals in the order that reports show them.
func counts(t run.Totals) []outcomeCount {
	return []outcomeCount{
		{run.Updated, t.Updated}, {run.Unchanged, t.Unchanged}, {run.Revoked, t.Revoked},
		{run.Skipped, t.Skipped}, {run.Failed, t.Failed},
	}
}

func foot(totals run.Totals, shown int) []console.Text {
	texts := []console.Text{console.Say(users(totals.Users) + ":")}
	for _, c := range counts(totals) {
		text := console.Text{Text: fmt.Sprintf("%d %s", c.n, c.outcome)}
		if c.n > 0 {
			text.Tone = tones[c.outcome]
		}
		if c.outcome != run.Failed {
			text.Text += ","
		}
		texts = append(texts, text)
	}
	if hidden := totals.Users - shown; hidden > 0 {
		texts = append(texts, console.Text{Tone: console.Faint, Text: fmt.Sprintf("(%d not shown)", hidden)})
	}
	return texts
}

func users(n int) string {
	if n == 1 {
		return "1 user"
	}
	return fmt.Sprintf("%d users", n)
}
