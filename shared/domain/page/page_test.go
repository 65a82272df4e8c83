package page_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/page"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hostile are texts that somebody could choose as a tag, to run a script, to load an
// address, or to look like another text.
var hostile = []string{
	`<script>document.title = "stolen"</script>`,
	`"><img src="https://evil.example/x.png" onerror="document.title = 'stolen'">`,
	`</td></table><a href="javascript:alert(1)">`,
	`{{.Title}} ${document.title} <!-- -->`,
	"alice\u202egro.elpmaxe",
	"nul\x00 escape\x1b[31m",
	strings.Repeat("very-long-", 200),
}

// example is a page with everything that a page can have.
func example() page.Page {
	buckets := strings.Split(strings.Repeat("digipres-dev1-data ", 9)+"digipres-dev1-managed", " ")
	p := page.Page{
		Title: "Example",
		Facts: []page.Fact{{Name: "Started", Value: "2026-11-21 10:00:00 UTC"}},
		Counts: []page.Count{
			{N: 4, Label: "users"}, {N: 1, Label: "failed", Tag: "failed", Tone: page.Bad}, {N: 3, Label: "gained access", Tag: "gained"},
		},
		Tables: []page.Table{
			{Title: "Gained access", Note: "These are new.", Header: []string{"User", "Buckets", "Number"}, Rows: []page.Row{
				{Tags: []string{"updated", "gained"}, Cells: []page.Cell{page.Text("alice"), page.Good.List(buckets), page.Text("10")}},
				{Tags: []string{"gained"}, Cells: []page.Cell{page.Text("carol"), page.Good.List(buckets[:2]), page.Text("2")}},
				{Tags: []string{"gained"}, Cells: []page.Cell{page.Text("Bob"), page.Good.List(buckets[:1]), page.Text("1")}},
			}},
			{Title: "Nobody"},
			{Title: "Hostile", Header: []string{"User"}},
			{Title: "Unchanged", Header: []string{"User"}, Collapsed: true, Rows: []page.Row{{Cells: []page.Cell{page.Text("dora")}}}},
		},
	}
	for _, text := range hostile {
		p.Tables[2].Rows = append(p.Tables[2].Rows, page.Row{Tags: []string{"failed"}, Cells: []page.Cell{page.Text(text)}})
	}
	return p
}

func write(t testing.TB, p page.Page) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, p.Write(&b))
	return b.String()
}

func TestWrite(t *testing.T) {
	t.Parallel()
	const golden = "testdata/example.html"
	got := write(t, example())
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// Without the texts that it shows, there is nothing in a page that a browser could load.
func TestPageHasNoAddress(t *testing.T) {
	t.Parallel()
	p := example()
	p.Tables[2].Rows = nil
	for _, text := range []string{"://", "src=", "href=", "action=", "url(", "@import", "<link", "fetch", "XMLHttp", "import("} {
		assert.NotContains(t, write(t, p), text)
	}
}
