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
	if os.IsNotExist(err) {
		t.Skip("there is no README yet")
	}
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(text), "<!-- settings -->\n")
	if !ok {
		t.Skip("the README has no table of settings yet")
	}
	table, _, ok := strings.Cut(rest, "<!-- /settings -->")
	require.True(t, ok)
	assert.Equal(t, settingsMarkdown(), strings.Trim(table, "\n")+"\n")
}
