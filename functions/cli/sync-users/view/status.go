package view

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Status shows runs, one line each.
func Status(latest []runs.Run) console.Page {
	t := console.Table{Header: []string{"RUN", "STARTED", "TOOK", "STATUS", "USERS", "OUTCOMES"}}
	csv := [][]string{{"run", "from", "status", "startedAt", "endedAt", "dryRun", "username", "done",
		"users", "updated", "unchanged", "revoked", "skipped", "failed", "error", "reason", "page"}}
	for _, r := range latest {
		var duration, ended, users string
		counts := make([]string, len(run.Outcomes))
		if r.Totals != nil {
			users = strconv.Itoa(r.Totals.Users)
		}
		if r.EndedAt != nil {
			duration, ended = console.Duration(r.StartedAt, *r.EndedAt), r.EndedAt.Format(time.RFC3339)
		}
		if r.Totals != nil && r.EndedAt != nil {
			for i, n := range countUsers(*r.Totals) {
				counts[i] = strconv.Itoa(n)
			}
		}
		t.Rows = append(t.Rows, []console.Cell{
			{console.Text(r.Run)}, {console.Text(r.StartedAt.Local().Format("2006-01-02 15:04"))}, {console.Text(duration)},
			{runs.StatusSpan(r.Status)}, {console.Text(users)}, outcomes(r),
		})
		csv = append(csv, slices.Concat([]string{
			r.Run, r.From, string(r.Status), r.StartedAt.Format(time.RFC3339), ended,
			strconv.FormatBool(r.DryRun), r.Username, strconv.Itoa(r.Done), users,
		}, counts, []string{r.Error, r.Reason, r.Page}))
	}
	page := console.Page{Tables: []console.Table{t}, CSV: csv, JSON: latest}
	if i := slices.IndexFunc(latest, func(r runs.Run) bool { return r.Page != "" }); i >= 0 {
		page.Foot = []console.Span{console.Text("The newest report is " + latest[i].Page + "; `sync-users report --open RUN` opens that of any run.")}
	}
	if len(latest) == 0 {
		page.Head = []console.Span{console.Text("There was no run yet.")}
	}
	return page
}

// outcomes are the counts of a run and its particulars, with commas between them.
func outcomes(r runs.Run) console.Cell {
	var cell console.Cell
	switch {
	case r.Totals != nil && r.EndedAt != nil:
		cell = outcomeCounts(*r.Totals, false)
	case r.Totals != nil:
		cell = append(cell, console.Warning.Text(fmt.Sprintf("%d done", r.Done)))
	}
	switch {
	case r.SyncedNobody:
		cell = append(cell, console.Faint.Text(r.Error+": "+r.Reason))
	case r.Error != "":
		cell = append(cell, console.Bad.Text(r.Error))
	}
	if r.DryRun {
		cell = append(cell, console.Faint.Text("dry run"))
	}
	if r.Username != "" {
		cell = append(cell, console.Faint.Text("only "+r.Username))
	}
	if r.ChangedOnly {
		cell = append(cell, console.Faint.Text("only who changed"))
	}
	if r.From == runs.FromCommandLine {
		cell = append(cell, console.Faint.Text("from a command line"))
	}
	return console.Commas(cell)
}
