package page_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"html"
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
	strings.Repeat("very_long_", 200),
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
	const golden = "testdata/example.html" // without what every page has
	_, got, _ := strings.Cut(write(t, example()), "<body>\n")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// The policy allows the style and the script of the page, whole as they are, and nothing else.
func TestPolicyAllowsStyleAndScript(t *testing.T) {
	t.Parallel()
	text := write(t, page.Page{})
	_, policy, _ := strings.Cut(text, `http-equiv="Content-Security-Policy" content="`)
	policy, _, _ = strings.Cut(policy, `">`)
	want := "default-src 'none'"
	for _, name := range []string{"style", "script"} {
		_, content, ok := strings.Cut(text, "<"+name+">")
		require.True(t, ok)
		content, _, _ = strings.Cut(content, "</"+name+">")
		sum := sha256.Sum256([]byte(content))
		want += "; " + name + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	assert.Equal(t, want+"; base-uri 'none'; form-action 'none'", html.UnescapeString(policy))
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
