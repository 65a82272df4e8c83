package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The README's table of settings is what `make settings` prints.
func TestReadmeShowsEverySetting(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(text), "<!-- settings -->\n")
	require.True(t, ok)
	table, _, ok := strings.Cut(rest, "<!-- /settings -->")
	require.True(t, ok)
	assert.Equal(t, settingsMarkdown(), strings.Trim(table, "\n")+"\n")
}
