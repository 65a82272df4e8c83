package console

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// Page is a result in every format: Head, Tables and Foot for people, CSV and
// JSON for programs.
type Page struct {
	Head   []Span
	Tables []Table
	Foot   []Span
	// CSV begins with the header.
	CSV  [][]string
	JSON any
}

// Table is a table with an optional title and header. One without rows is not
// shown.
type Table struct {
	Title  string
	Header []string
	Rows   [][]Cell
}

// Cell is one cell of a table.
type Cell []Span

// Show writes a page to standard output in the chosen format.
func (c *Console) Show(page Page) error {
	switch c.format {
	case JSONFormat:
		encoder := json.NewEncoder(c.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(page.JSON)
	case CSVFormat:
		return csv.NewWriter(c.out).WriteAll(withoutFormulas(page.CSV))
	}
	return c.out.write(page)
}

// Preview writes a page to standard error, for people whatever the format is.
func (c *Console) Preview(page Page) error { return c.err.write(page) }

// write writes the parts of a page with an empty line between them.
func (s screen) write(page Page) error {
	var parts []string
	if len(page.Head) > 0 {
		parts = append(parts, s.line(page.Head...))
	}
	for _, t := range page.Tables {
		if len(t.Rows) > 0 {
			parts = append(parts, s.table(t))
		}
	}
	if len(page.Foot) > 0 {
		parts = append(parts, s.line(page.Foot...))
	}
	_, err := io.WriteString(s, strings.Join(parts, "\n"))
	return err
}

var tableStyle = func() table.Style {
	s := table.StyleDefault
	s.Options = table.OptionsNoBordersAndSeparators
	s.Box.PaddingLeft, s.Box.PaddingRight = "", "  "
	return s
}()

func (s screen) table(t Table) string {
	var rows []table.Row
	if t.Header != nil {
		var header table.Row
		for _, name := range t.Header {
			header = append(header, s.format(Bold.Text(name)))
		}
		rows = append(rows, header)
	}
	for _, cells := range t.Rows {
		var row table.Row
		for _, cell := range cells {
			row = append(row, s.format(cell...))
		}
		rows = append(rows, row)
	}
	w := table.NewWriter()
	w.SetStyle(tableStyle)
	w.SuppressTrailingSpaces()
	w.SetColumnConfigs(columns(rows, s.width))
	w.AppendRows(rows)
	title := ""
	if t.Title != "" {
		title = s.line(Bold.Text(t.Title))
	}
	return title + w.Render() + "\n"
}
