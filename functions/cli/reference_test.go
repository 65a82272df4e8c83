package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The reference is made from the commands themselves, and is as they are now.
func TestReference(t *testing.T) {
	t.Parallel()
	root := (&app{}).root()
	root.InitDefaultCompletionCmd()
	var b strings.Builder
	b.WriteString("# sync-users: reference\n\n<!-- Made by `make reference` from the commands' own help. -->\n")
	for _, cmd := range append([]*cobra.Command{root}, root.Commands()...) {
		b.WriteString("\n" + page(cmd))
	}
	const path = "REFERENCE.md"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, b.String() == string(text), "%s is not as the commands are: run `make reference`", path)
}

// page is a command's part of the reference. The flags that every command has
// are explained once.
func page(cmd *cobra.Command) string {
	var b strings.Builder
	if cmd.IsAdditionalHelpTopicCommand() {
		fmt.Fprintf(&b, "## sync-users help %s\n\n%s.\n\n```text\n%s\n```\n", cmd.Name(), cmd.Short, cmd.Long)
		return b.String()
	}
	fmt.Fprintf(&b, "## %s\n\n%s.\n\n", cmd.CommandPath(), cmd.Short)
	if cmd.HasSubCommands() && cmd.HasParent() { // cobra's own completion
		fmt.Fprintf(&b, "`%s %s --help` says how it is loaded.\n", cmd.CommandPath(), cmd.Commands()[0].Name())
		return b.String()
	}
	fmt.Fprintf(&b, "%s\n\n```text\n%s\n```\n\n```sh\n%s\n```\n\n```text\n%s```\n",
		cmd.Long, cmd.UseLine(), unindent.ReplaceAllString(cmd.Example, ""), cmd.NonInheritedFlags().FlagUsages())
	return b.String()
}

var unindent = regexp.MustCompile(`(?m)^  `)
