// Package page writes HTML pages that need nothing but themselves: tables that can be
// filtered, sorted, printed and read on a phone. A page loads nothing, and says so to
// the browser, which refuses any address and any script or style that is not this
// package's. Without JavaScript everything is shown.
//
// A page is made of the plain values below; text may be anything, and is shown as text.
package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/digipres/sync-users/shared/domain/printable"
)

// Page is a page.
type Page struct {
	Title string
	// Facts say what the page is about, such as when it was read.
	Facts []Fact
	// Counts stand above the tables. One with a Tag is a button that leaves only the
	// rows with that tag.
	Counts []Count
	Tables []Table
}

// Fact is a name and its value.
type Fact struct{ Name, Value string }

// Count is a number of things, such as 3 and "failed".
type Count struct {
	N     int
	Label string
	Tag   string
	Tone  Tone
}

// Table is a table with a header.
type Table struct {
	Title string
	// Note is a sentence about the table; none if it is empty.
	Note   string
	Header []string
	// A table without rows is left out.
	Rows []Row
	// Collapsed hides the rows until somebody opens the table or filters. It is for rows
	// that are many, and that few people come to see.
	Collapsed bool
}

// Row is a row of a table. The first cell is its heading.
type Row struct {
	// Tags are those by which the counts leave it: letters, digits and hyphens.
	Tags  []string
	Cells []Cell
}

// Cell is the text of a cell, or a list of texts, of which a long one is folded.
type Cell struct {
	Text string
	List []string
	Tone Tone
	// SortBy is what rows are sorted by instead of the text, such as a number of bytes; "" for
	// the text.
	SortBy string
}

// Tone is the meaning of a text, which its color shows. A color is never the only sign of
// something, because not everybody sees it. The zero Tone is plain.
type Tone string

// The tones.
const (
	Good    Tone = "good"
	Warning Tone = "warning"
	Bad     Tone = "bad"
	Faint   Tone = "faint"
)

// Numbered returns the title of a table with the number of its rows.
func Numbered(title string, rows []Row) string { return fmt.Sprintf("%s: %d", title, len(rows)) }

// Counts returns counts of which those of nothing are plain, and no buttons.
func Counts(counts ...Count) []Count {
	for i, c := range counts {
		if c.N == 0 {
			counts[i] = Count{Label: c.Label}
		}
	}
	return counts
}

// Time returns a time as pages show it, in UTC.
func Time(t time.Time) string { return t.UTC().Format(time.DateTime + " UTC") }

// Text returns a cell of a text in the plain tone.
func Text(text string) Cell { return Cell{Text: text} }

// Text returns a cell of a text in the tone.
func (t Tone) Text(text string) Cell { return Cell{Text: text, Tone: t} }

// List returns a cell of a list in the tone.
func (t Tone) List(list []string) Cell { return Cell{List: list, Tone: t} }

// maxUnfolded is the longest list that a cell shows unfolded.
const maxUnfolded = 8

// IsFolded reports whether the list is so long that it is folded.
func (c Cell) IsFolded() bool { return len(c.List) > maxUnfolded }

// Write writes the page.
func (p Page) Write(w io.Writer) error { return pageTemplate.Execute(w, p) }

var (
	//go:embed page.tmpl
	text string
	//go:embed page.css
	style string
	//go:embed page.js
	script string

	pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
		"text":   printable.Text,
		"join":   joinPrintable,
		"tags":   func(tags []string) string { return strings.Join(tags, " ") },
		"policy": func() string { return policy },
		// Not through the template's own escaping, because the policy has their hashes.
		"style":  func() template.HTML { return template.HTML("<style>" + style + "</style>") },
		"script": func() template.HTML { return template.HTML("<script>" + script + "</script>") },
	}).Parse(text))
)

// policy has the browser load nothing, and run and apply only what has these hashes
// (https://www.w3.org/TR/CSP3/#framework-directive-source-list).
var policy = "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script) + "; base-uri 'none'; form-action 'none'"

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func joinPrintable(texts []string) string { return printable.Text(strings.Join(texts, ", ")) }
