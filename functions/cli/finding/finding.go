// Package finding lists what a command looked at and how it found it.
package finding

import (
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Status is how something was found.
type Status string

// The statuses.
const (
	OK     Status = "ok"
	Failed Status = "failed"
	// Skipped is for what was not tried, or has no effect.
	Skipped Status = "skipped"
)

func (s Status) symbol() console.Span {
	switch s {
	case OK:
		return console.Good.Text("✓")
	case Failed:
		return console.Bad.Text("✗")
	}
	return console.Faint.Text("-")
}

// Finding is one thing that was looked at.
type Finding struct {
	Section string `json:"section"`
	Item    string `json:"item"`
	Status  Status `json:"status"`
	Detail  string `json:"detail"`
	// Hint says what to do about a failure.
	Hint string `json:"hint,omitempty"`
}

// Check is something to try.
type Check struct {
	Section, Item string
	// Run returns what was found.
	Run func() (detail string, err error)
	// Hint is for an error that has no hint of its own.
	Hint string
	// Permissions are those to allow if access is denied.
	Permissions string
}

// List is a list of findings.
type List []Finding

// OK adds a finding that is as it should be.
func (l *List) OK(section, item, detail string) {
	*l = append(*l, Finding{section, item, OK, detail, ""})
}

// Fail adds a failure and what to do about it.
func (l *List) Fail(section, item, detail, hint string) {
	*l = append(*l, Finding{section, item, Failed, detail, hint})
}

// Skip adds a finding for what was not tried, or has no effect.
func (l *List) Skip(section, item, detail, hint string) {
	*l = append(*l, Finding{section, item, Skipped, detail, hint})
}

// Try runs a check, adds the finding, and returns whether it is OK.
func (l *List) Try(c Check) bool {
	detail, err := c.Run()
	if err == nil {
		l.OK(c.Section, c.Item, detail)
		return true
	}
	if own, ok := hint.Of(err); ok {
		c.Hint = own
	}
	if c.Permissions != "" && errkind.Of(err) == errkind.AccessDenied {
		c.Hint = "Allow " + c.Permissions + "."
	}
	l.Fail(c.Section, c.Item, hint.OneLine(err), c.Hint)
	return false
}

// Failures counts the failed findings.
func (l List) Failures() (n int) {
	for _, f := range l {
		if f.Status == Failed {
			n++
		}
	}
	return n
}

// Tables returns a table for each section.
func (l List) Tables() []console.Table {
	var tables []console.Table
	for _, f := range l {
		if len(tables) == 0 || tables[len(tables)-1].Title != f.Section {
			tables = append(tables, console.Table{Title: f.Section})
		}
		detail := console.Cell{console.Text(f.Detail)}
		if f.Hint != "" {
			detail = append(detail, console.Warning.Text("→ "+f.Hint))
		}
		t := &tables[len(tables)-1]
		t.Rows = append(t.Rows, []console.Cell{{f.Status.symbol()}, {console.Text(f.Item)}, detail})
	}
	return tables
}

// CSV returns the findings as records, after a header.
func (l List) CSV() [][]string {
	records := [][]string{{"section", "item", "status", "detail", "hint"}}
	for _, f := range l {
		records = append(records, []string{f.Section, f.Item, string(f.Status), f.Detail, f.Hint})
	}
	return records
}
