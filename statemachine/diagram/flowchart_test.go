package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine"
)

func TestFlowchart(t *testing.T) {
	t.Parallel()
	got, err := flowchart(`{"StartAt":"A","States":{
		"A":{"Type":"Task","Retry":[{}],"Catch":[{"Next":"F"}],"Next":"M"},
		"M":{"Type":"Map","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Task"}}},"Next":"C"},
		"C":{"Type":"Choice","Choices":[{"Next":"F"}],"Default":"S"},
		"S":{"Type":"Succeed"},"F":{"Type":"Fail"}}}`, "a user")
	require.NoError(t, err)
	assert.Equal(t, `flowchart TD
  s1["A ↻"]
  subgraph s2 ["M · one child execution a user"]
    s3["I"]
  end
  s4{"C"}
  s5(["F"])
  s6(["S"])
  s1 --> s2
  s1 -. error .-> s5
  s2 --> s4
  s4 --> s5
  s4 --> s6
`, got)
}

func TestTheWorkflowIsDrawnWhole(t *testing.T) {
	t.Parallel()
	got, err := flowchart(statemachine.Definition, "a user")
	require.NoError(t, err)
	for _, name := range []string{"Discover users ↻", "Sync user ↻", "Note failure", "Delete TRIGGER ↻", "Publish failure ↻", "Failed"} {
		assert.Contains(t, got, name)
	}
}

func TestReplaceDiagrams(t *testing.T) {
	t.Parallel()
	var give, want strings.Builder
	for _, w := range workflows {
		give.WriteString("a\n" + w.beginMarker() + "old\n" + endMarker + "z\n")
		want.WriteString("a\n" + w.beginMarker() + "```mermaid\nflowchart TD\n.*```\n" + endMarker + "z\n")
	}
	got, err := replaceDiagrams(give.String())
	require.NoError(t, err)
	assert.Regexp(t, "(?s)^"+want.String()+"$", got)
	assert.NotContains(t, got, "old\n")
	_, err = replaceDiagrams("no markers")
	require.ErrorContains(t, err, "markers")
}

func TestDocumentShowsTheWorkflowsAsTheyAre(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/architecture.md")
	require.NoError(t, err)
	want, err := replaceDiagrams(string(text))
	require.NoError(t, err)
	assert.Equal(t, want, string(text), "run `make diagram`")
}
