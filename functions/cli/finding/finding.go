// Package finding lists what a command looked at and how it found it.
package finding

import (
	"cmp"
	"fmt"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Status is how something was found.
type Status string

// The statuses. Skipped is for what was not tried, or has no effect.
const (
	OK      Status = "ok"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

var symbols = map[Status]console.Span{
	OK:      console.Good.Text("✓"),
	Failed:  console.Bad.Text("✗"),
	Skipped: console.Faint.Text("-"),
}

// Finding is one thing that was looked at, and what to do if it failed.
type Finding struct {
	Section string `json:"section"`
	Item    string `json:"item"`
	Status  Status `json:"status"`
	Detail  string `json:"detail"`
	Hint    string `json:"hint,omitempty"`
}

// List collects findings by section.
type List struct {
	Findings []Finding
	section  string
}

// Section starts a section. Findings belong to the latest one.
func (l *List) Section(title string) { l.section = title }

// Add adds a finding.
func (l *List) Add(item string, status Status, detail, hint string) {
	l.Findings = append(l.Findings, Finding{l.section, item, status, detail, hint})
}

// OnError says what to do if a check fails.
type OnError struct {
	// Hint is for an error that has no hint of its own.
	Hint string
	// Permissions are those to allow if access is denied.
	Permissions string
}

// AddResult adds the detail or the error of a check, and returns whether it succeeded.
func (l *List) AddResult(item, detail string, err error, onError OnError) bool {
	if err == nil {
		l.Add(item, OK, detail, "")
		return true
	}
	text := cmp.Or(hint.Of(err), onError.Hint)
	if onError.Permissions != "" && errkind.Of(err) == errkind.AccessDenied {
		text = "Allow " + onError.Permissions + "."
	}
	l.Add(item, Failed, hint.OneLine(err), text)
	return false
}

// Failures counts the failed findings.
func (l *List) Failures() (n int) {
	for _, f := range l.Findings {
		if f.Status == Failed {
			n++
		}
	}
	return n
}

// Tables returns a table for each section.
func (l *List) Tables() []console.Table {
	var tables []console.Table
	for _, f := range l.Findings {
		if len(tables) == 0 || tables[len(tables)-1].Title != f.Section {
			tables = append(tables, console.Table{Title: f.Section})
		}
		detail := console.Cell{console.Text(f.Detail)}
		if f.Hint != "" {
			detail = append(detail, console.Warning.Text("→ "+f.Hint))
		}
		t := &tables[len(tables)-1]
		t.Rows = append(t.Rows, []console.Cell{{symbols[f.Status]}, {console.Text(f.Item)}, detail})
	}
	return tables
}

// CSV returns the findings as records, after a header.
func (l *List) CSV() [][]string {
	records := [][]string{{"section", "item", "status", "detail", "hint"}}
	for _, f := range l.Findings {
		records = append(records, []string{f.Section, f.Item, string(f.Status), f.Detail, f.Hint})
	}
	return records
}

// Page returns the page of all findings.
func (l *List) Page() console.Page {
	foot := console.Good.Text("Everything that was tried works.")
	if failures := l.Failures(); failures > 0 {
		foot = console.Bad.Text(fmt.Sprintf("Not everything works: see the %d ✗.", failures))
	}
	return console.Page{Tables: l.Tables(), Foot: []console.Span{foot}, CSV: l.CSV(), JSON: l.Findings}
}
