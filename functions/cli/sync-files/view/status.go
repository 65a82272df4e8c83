package view

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/functions/cli/sync-files/history"
	"github.com/digipres/sync-users/shared/domain/alarm"
	"github.com/digipres/sync-users/shared/domain/bytesize"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// Status is how an installation is.
type Status struct {
	Runs []history.Run `json:"runs"`
	// Waiting are the objects that the next run would send.
	Waiting Waiting `json:"waiting"`
	// Alarms are all of the installation, whether they are raised or not.
	Alarms []alarm.Alarm `json:"alarms"`
	// QuietRuns is how many newer runs had nothing to send, or left it to another.
	QuietRuns int `json:"quietRuns"`
}

// Waiting are the objects that wait to be sent.
type Waiting struct {
	Objects int   `json:"objects"`
	Bytes   int64 `json:"bytes"`
	// Oldest is the one that was uploaded first.
	Oldest *sendfile.Object `json:"oldest"`
}

// Page shows the status at a time.
func (s Status) Page(now time.Time) console.Page {
	t := console.Table{Header: []string{"RUN", "STARTED", "TOOK", "STATUS", "OBJECTS", "OUTCOMES"}}
	csv := [][]string{{"run", "status", "startedAt", "endedAt", "dryRun", "key", "done", "objects", "sent", "unchanged", "skipped", "failed", "bytes", "error", "reason", "page"}}
	for _, r := range s.Runs {
		var duration, ended, objects string
		counts := make([]string, 5)
		if r.Totals != nil {
			objects = strconv.Itoa(r.Totals.Objects)
		}
		if r.EndedAt != nil {
			duration, ended = console.Duration(r.StartedAt, *r.EndedAt), r.EndedAt.Format(time.RFC3339)
			if t := r.Totals; t != nil {
				counts = []string{strconv.Itoa(t.Sent), strconv.Itoa(t.Unchanged), strconv.Itoa(t.Skipped), strconv.Itoa(t.Failed), strconv.FormatInt(t.Bytes, 10)}
			}
		}
		t.Rows = append(t.Rows, []console.Cell{
			{console.Text(r.Run)}, {console.Text(r.StartedAt.Local().Format("2006-01-02 15:04"))}, {console.Text(duration)},
			{runs.StatusSpan(r.Status)}, {console.Text(objects)}, outcomes(r),
		})
		csv = append(csv, slices.Concat([]string{
			r.Run, string(r.Status), r.StartedAt.Format(time.RFC3339), ended, strconv.FormatBool(r.DryRun), r.Key, strconv.Itoa(r.Done), objects,
		}, counts, []string{r.Error, r.Reason, r.Page}))
	}
	page := console.Page{Head: s.waiting(now), Tables: []console.Table{t, s.raised()}, CSV: csv, JSON: s, Foot: s.foot()}
	return page
}

// waiting says what is to be sent.
func (s Status) waiting(now time.Time) []console.Span {
	w := s.Waiting
	if w.Objects == 0 {
		return []console.Span{console.Good.Text("Nothing waits to be sent.")}
	}
	return []console.Span{
		console.Warning.Text(fmt.Sprintf("%s (%s) to be sent.", console.Count(w.Objects, "object"), bytesize.Format(w.Bytes))),
		console.Text(fmt.Sprintf("The oldest is %s, uploaded %s ago.", w.Oldest.Key, age(now.Sub(w.Oldest.UploadedAt)))),
	}
}

// age returns a duration in its largest units.
func age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return console.Count(int(d/(24*time.Hour)), "day")
	case d >= 2*time.Hour:
		return console.Count(int(d/time.Hour), "hour")
	case d >= 2*time.Minute:
		return console.Count(int(d/time.Minute), "minute")
	}
	return console.Count(int(d/time.Second), "second")
}

// raised is a table of the alarms that are raised.
func (s Status) raised() console.Table {
	t := console.Table{Title: "Alarms"}
	for _, a := range s.Alarms {
		if a.State == alarm.Raised {
			t.Rows = append(t.Rows, []console.Cell{{console.Bad.Text(a.Name)}, {console.Text("since " + a.Since.Local().Format("2006-01-02 15:04"))}, {console.Text(a.Description)}})
		}
	}
	return t
}

func (s Status) foot() []console.Span {
	raised := len(s.raised().Rows)
	spans := []console.Span{console.Text(fmt.Sprintf("%s, none raised.", console.Count(len(s.Alarms), "alarm")))}
	if raised > 0 {
		spans = []console.Span{console.Bad.Text(fmt.Sprintf("%d of %s raised.", raised, console.Count(len(s.Alarms), "alarm")))}
	}
	if len(s.Runs) == 0 {
		spans = append(spans, console.Text("There was no run yet that sent anything."))
	}
	if s.QuietRuns > 0 {
		spans = append(spans, console.Faint.Text(fmt.Sprintf("(%s not shown that had nothing to send, or left it to another)", console.Count(s.QuietRuns, "run"))))
	}
	return spans
}

// outcomes are the counts of a run and its particulars, with commas between them.
func outcomes(r history.Run) console.Cell {
	var cell console.Cell
	switch {
	case r.Totals != nil && r.EndedAt != nil:
		cell = outcomeCounts(*r.Totals, false)
	case r.Totals != nil:
		cell = append(cell, console.Warning.Text(fmt.Sprintf("%d done", r.Done)))
	}
	if r.Error != "" {
		cell = append(cell, console.Bad.Text(r.Error))
	}
	if r.DryRun {
		cell = append(cell, console.Faint.Text("dry run"))
	}
	switch {
	case r.Key != "":
		cell = append(cell, console.Faint.Text("only "+r.Key))
	case r.Keys > 0:
		cell = append(cell, console.Faint.Text("only some"))
	}
	return console.Commas(cell)
}
