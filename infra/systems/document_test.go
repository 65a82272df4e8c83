package systems

import (
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/settings.md")

// The tables in docs/settings.md is what `make settings` prints.
func TestDocumentShowsEverySetting(t *testing.T) {
	t.Parallel()
	const document, begin, end = "../../docs/settings.md", "<!-- settings: written by `make settings-doc` -->\n", "<!-- end of settings -->"
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), begin)
	require.True(t, ok)
	_, after, ok := strings.Cut(rest, end)
	require.True(t, ok)
	want := before + begin + Tables() + end + after
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(text), "run `make settings-doc`")
}

func TestTables(t *testing.T) {
	t.Parallel()
	for name, newSystem := range all {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(newSystem()).Elem()) {
			setting, help, usual := field.Tag.Get("setting"), field.Tag.Get("help"), field.Tag.Get("usual")
			if setting == "" {
				continue
			}
			assert.NotEmpty(t, help, setting)
			assert.False(t, field.Tag.Get("default") != "" && usual != "", "%s has two defaults", setting)
			for _, text := range []string{usual, help} {
				assert.Zero(t, strings.Count(text, "'")%2, "%s of %s: an apostrophe would begin code", setting, name)
			}
			assert.Contains(t, Tables(), "| `"+setting+"` |")
		}
	}
}
