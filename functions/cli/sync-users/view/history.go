package view

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Change is what a run changed for one user.
type Change struct {
	Run string `json:"run"`
	// StartedAt is when the run started.
	StartedAt time.Time `json:"startedAt"`
	run.Result
}

// History shows what runs changed that started at a time or later: for the user of that
// name or Email tag, or for all if it is empty.
func History(reports []run.Report, user string, since time.Time) console.Page {
	t := console.Table{Header: []string{"WHEN", "RUN", "USER", "CHANGES"}}
	csv := [][]string{append([]string{"startedAt", "run"}, resultFields...)}
	list := []Change{}
	gained, lost := map[string]bool{}, map[string]bool{}
	for _, report := range reports {
		for _, r := range report.Results {
			if user != "" && r.Username != user && !strings.EqualFold(r.Email, user) {
				continue
			}
			list = append(list, Change{report.Execution, report.StartedAt, r})
			t.Rows = append(t.Rows, []console.Cell{
				{console.Text(report.StartedAt.Local().Format("2006-01-02 15:04"))}, {console.Text(report.Execution)}, {console.Text(r.Username)}, changed(r),
			})
			csv = append(csv, append([]string{report.StartedAt.Format(time.RFC3339), report.Execution}, resultRecord(r)...))
			if len(r.Added) > 0 {
				gained[r.Username] = true
			}
			if len(r.Removed) > 0 {
				lost[r.Username] = true
			}
		}
	}
	page := console.Page{
		Head: []console.Span{console.Text("What changed for"), console.Bold.Text(cmp.Or(user, "all users")),
			console.Text("since " + since.Local().Format("2006-01-02 15:04"))},
		Tables: []console.Table{t}, CSV: csv, JSON: list,
		Foot: []console.Span{console.Text(fmt.Sprintf("%s gained buckets, %d lost some", console.Count(len(gained), "user"), len(lost)))},
	}
	if len(list) == 0 {
		page.Foot = []console.Span{console.Text("Nothing, in the runs that are kept.")}
	}
	return page
}

// changed are the changes of a result, and why it failed nevertheless.
func changed(r run.Result) console.Cell {
	cell := changes(r)
	if r.Outcome == run.Failed || cell == nil {
		cell = append(cell, outcomeTones[r.Outcome].Text(r.Reason))
	}
	return cell
}
