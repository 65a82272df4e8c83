package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// choice is the value of a flag that takes one of a few words.
type choice struct {
	words []string
	word  string
}

var _ pflag.Value = (*choice)(nil)

// choiceFlag adds such a flag; the first of the words is the default. The shell
// completes them.
func choiceFlag(cmd *cobra.Command, c *choice, name, shorthand, usage string, words ...string) {
	*c = choice{words: words, word: words[0]}
	cmd.PersistentFlags().VarP(c, name, shorthand, usage)
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

func (c *choice) String() string { return c.word }

func (c *choice) Set(word string) error {
	if !slices.Contains(c.words, word) {
		return fmt.Errorf("it must be one of %s", strings.Join(c.words, ", "))
	}
	c.word = word
	return nil
}

func (c *choice) Type() string { return strings.Join(c.words, "|") }
