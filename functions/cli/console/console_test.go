package console

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the output into the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "%s; `go test ./functions/cli/console -update` updates it", path)
}

// examplePage has a cell of each tone, and one with an escape sequence.
var examplePage = Page{
	Head: []Span{Text("Plan for"), {Bold, "all users"}},
	Tables: []Table{
		{Header: []string{"USER", "OUTCOME", "DETAILS"}, Rows: [][]Cell{
			{{Text("alice")}, {{Good, "updated"}}, {{Good, "+digipres-dev1-data"}, {Bad, "-digipres-prod-archive"}, {Warning, "~access key"}}},
			{{Text("böb")}, {{Bad, "failed"}}, {{Bad, "in Parameter Store, /iam/access_key/bob is missing and /iam/secret_key/bob is blank"}}},
			{{Text("\x1b[2Jcarol\r\n")}, {{Faint, "skipped"}}, {Text("")}},
		}},
		{Title: "Nothing"},
		{Title: "IAM", Rows: [][]Cell{{{{Good, "✓"}}, {Text("Email tag")}}}},
	},
	Foot: []Span{Text("3 users:"), {Good, "1 updated"}},
	CSV:  [][]string{{"user", "reason"}, {"alice", `a "reason", and more`}},
	JSON: map[string]string{"user": "<alice>"},
}

func TestPage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give screen
	}{
		{"plain", screen{}},
		{"color", screen{terminal: true, color: true, width: 120}},
		{"narrow", screen{terminal: true, width: 60}},
		{"narrowest", screen{terminal: true, width: 10}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			tt.give.Writer = &b
			require.NoError(t, tt.give.write(examplePage))
			golden(t, "page-"+tt.name+".txt", b.String())
			for line := range strings.Lines(b.String()) {
				assert.False(t, strings.HasSuffix(escapes.ReplaceAllString(line, ""), " \n"), "%q", line)
				if tt.give.width >= 60 {
					assert.LessOrEqual(t, len([]rune(escapes.ReplaceAllString(line, ""))), tt.give.width+1, "%q", line)
				}
			}
			assert.NotContains(t, b.String(), "\x1b[2J")
			assert.Equal(t, tt.give.color, strings.Contains(b.String(), "\x1b"))
		})
	}
}

var escapes = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func TestShow(t *testing.T) {
	t.Parallel()
	for format, want := range map[Format]string{
		JSONFormat:  "{\n  \"user\": \"<alice>\"\n}\n",
		CSVFormat:   "user,reason\nalice,\"a \"\"reason\"\", and more\"\n",
		TableFormat: "Plan for all users\n",
	} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			var out, err bytes.Buffer
			require.NoError(t, New(nil, &out, &err, format, false).Show(examplePage))
			assert.Contains(t, out.String(), want)
			assert.NotContains(t, out.String(), "\x1b")
			assert.Empty(t, err.String())
		})
	}
}

func TestProgressInAPipe(t *testing.T) {
	t.Parallel()
	var out, err bytes.Buffer
	c := New(nil, &out, &err, TableFormat, false)
	p := c.Progress("Syncing", 3)
	p.Step(false, Text("alice"), Good.Text("updated"))
	p.Step(false)
	p.Note(Text("Stopping."))
	p.Set(3)
	p.Set(3)
	p.Stop()
	assert.Empty(t, out.String())
	assert.Equal(t, "Syncing 1/3 alice updated\nStopping.\nSyncing 3/3\n", err.String())
}

// On a terminal, messages stand above the bar, and nothing of the bar remains at
// the end.
func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	for _, color := range []bool{false, true} {
		var b bytes.Buffer
		c := &Console{err: screen{Writer: &b, terminal: true, color: color, width: 80}}
		p := c.Progress("Syncing", 2)
		p.Step(false, Text("alice"))
		p.Step(true, Text("bob failed"))
		assert.Contains(t, b.String(), "(1/2)")
		assert.Contains(t, b.String(), "bob failed\n")
		assert.NotContains(t, b.String(), "alice")
		assert.Equal(t, color, strings.Contains(b.String(), "\x1b"))
		p.Stop()
		lines := strings.Split(b.String(), "\n")
		last := lines[len(lines)-1]
		assert.Empty(t, strings.TrimSpace(last[strings.LastIndex(last, "\r"):]), "%q", last)
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"y\n": true, "Yes\n": true, "n\n": false, "\n": false, "": false, "yolo\n": false} {
		var err bytes.Buffer
		assert.Equal(t, want, New(strings.NewReader(answer), nil, &err, TableFormat, false).Confirm("Continue?"), "%q", answer)
		assert.Equal(t, "Continue? [y/N] ", err.String())
	}
}

func TestShrink(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give []int
		room int
		want []int
	}{
		{"enough room", []int{5, 40}, 50, []int{5, 40}},
		{"the last column shrinks first", []int{30, 60}, 60, []int{30, 30}},
		{"then the widest column", []int{30, 5, 60}, 50, []int{22, 5, 23}},
		{"not below the minimum", []int{30, 30}, 10, []int{12, 12}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shrink(tt.give, tt.room)
			assert.Equal(t, tt.want, tt.give)
		})
	}
}
