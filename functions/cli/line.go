package main

import "github.com/digipres/sync-users/functions/cli/console"

// mark says how something is found to be.
type mark string

// The marks.
const (
	fine  mark = "ok"
	wrong mark = "failed"
	// aside is neither: it explains something, or was not tried.
	aside mark = "-"
)

// sign is the mark in a table.
func (m mark) sign() console.Text {
	switch m {
	case fine:
		return console.Text{Tone: console.Good, Text: "✓"}
	case wrong:
		return console.Text{Tone: console.Bad, Text: "✗"}
	}
	return console.Text{Tone: console.Faint, Text: "-"}
}

// line is one thing that was looked at.
type line struct {
	Section string `json:"section"`
	Item    string `json:"item"`
	Mark    mark   `json:"mark"`
	Detail  string `json:"detail"`
	// Remedy says what to do about it; empty when nothing is wrong.
	Remedy string `json:"remedy,omitempty"`
}

// lineTables are lines in a table for each section, in their order.
func lineTables(lines []line) []console.Table {
	var tables []console.Table
	for _, l := range lines {
		if len(tables) == 0 || tables[len(tables)-1].Title != l.Section {
			tables = append(tables, console.Table{Title: l.Section})
		}
		t := &tables[len(tables)-1]
		detail := console.Cell{console.Say(l.Detail)}
		if l.Remedy != "" {
			detail = append(detail, console.Text{Tone: console.Notable, Text: "→ " + l.Remedy})
		}
		t.Rows = append(t.Rows, []console.Cell{{l.Mark.sign()}, {console.Say(l.Item)}, detail})
	}
	return tables
}

// lineRecords are lines as CSV.
func lineRecords(lines []line) [][]string {
	records := [][]string{{"section", "item", "mark", "detail", "remedy"}}
	for _, l := range lines {
		records = append(records, []string{l.Section, l.Item, string(l.Mark), l.Detail, l.Remedy})
	}
	return records
}
