package console

import (
	"encoding/csv"
	"encoding/json"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
)

// Page is something to show, in every format.
type Page struct {
	// Head and Foot are sentences around the tables.
	Head, Foot []Text
	Tables     []Table
	// Records are the same for a program, as CSV; the first is the header.
	Records [][]string
	// Value is the same as JSON.
	Value any
}

// Table is a table for people.
type Table struct {
	// Title stands above it, if it is not empty.
	Title string
	// Header has a name for each column; a table without one has no header.
	Header []string
	Rows   [][]Cell
}

// Cell is one cell of a table.
type Cell []Text

// Show writes a page to Out.
func (c *Console) Show(page Page) error {
	switch c.format {
	case JSONFormat:
		encoder := json.NewEncoder(c.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(page.Value)
	case CSVFormat:
		return csv.NewWriter(c.out).WriteAll(page.Records)
	}
	return c.out.page(page)
}

func (s screen) page(page Page) error {
	var parts []func() error
	if len(page.Head) > 0 {
		parts = append(parts, func() error { return s.say(page.Head...) })
	}
	for _, t := range page.Tables {
		if len(t.Rows) > 0 {
			parts = append(parts, func() error { return s.table(t) })
		}
	}
	if len(page.Foot) > 0 {
		parts = append(parts, func() error { return s.say(page.Foot...) })
	}
	for i, part := range parts {
		if i > 0 {
			if _, err := fmt.Fprintln(s); err != nil {
				return err
			}
		}
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func (s screen) table(t Table) error {
	if t.Title != "" {
		if err := s.say(Text{Strong, t.Title}); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(s, s.render(t))
	return err
}

// style is that of the field's command lines: columns, and no lines.
var style = func() table.Style {
	s := table.StyleDefault
	s.Name = "sync-users"
	s.Options = table.OptionsNoBordersAndSeparators
	s.Box.PaddingLeft, s.Box.PaddingRight = "", "  "
	s.Format.Header = 0
	return s
}()

func (s screen) render(t Table) string {
	w := table.NewWriter()
	w.SetStyle(style)
	w.SuppressTrailingSpaces()
	var rows [][]string
	if t.Header != nil {
		var header []string
		for _, name := range t.Header {
			header = append(header, s.paint(Text{Strong, name}))
		}
		w.AppendHeader(row(header))
		rows = append(rows, header)
	}
	for _, cells := range t.Rows {
		var texts []string
		for _, cell := range cells {
			texts = append(texts, s.paint(cell...))
		}
		w.AppendRow(row(texts))
		rows = append(rows, texts)
	}
	w.SetColumnConfigs(fit(rows, s.width))
	return w.Render()
}

func row(texts []string) table.Row {
	r := make(table.Row, len(texts))
	for i, text := range texts {
		r[i] = text
	}
	return r
}
