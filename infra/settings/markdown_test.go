package settings

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/settings.md")

// The table in docs/settings.md is what `make settings` prints.
func TestDocumentShowsEverySetting(t *testing.T) {
	t.Parallel()
	const document, begin, end = "../../docs/settings.md", "<!-- settings: written by `make settings-doc` -->\n", "<!-- end of settings -->"
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), begin)
	require.True(t, ok)
	_, after, ok := strings.Cut(rest, end)
	require.True(t, ok)
	want := before + begin + Markdown() + end + after
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(text), "run `make settings-doc`")
}
