package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine"
)

func TestFlowchartOfEachType(t *testing.T) {
	t.Parallel()
	got, err := flowchart(`{"StartAt":"A","States":{
		"A":{"Type":"Task","Retry":[{}],"Catch":[{"Next":"F"}],"Next":"M"},
		"M":{"Type":"Map","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Task"}}},"Next":"C"},
		"C":{"Type":"Choice","Choices":[{"Next":"F"}],"Default":"S"},
		"S":{"Type":"Succeed"},"F":{"Type":"Fail"}}}`)
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

func TestFlowchartOfTheWorkflow(t *testing.T) {
	t.Parallel()
	got, err := flowchart(statemachine.Definition)
	require.NoError(t, err)
	for _, name := range []string{"Discover users ↻", "Sync user ↻", "Note failure", "Delete TRIGGER ↻", "Publish failure ↻", "Failed"} {
		assert.Contains(t, got, name)
	}
}

func TestReplaceBetweenMarkers(t *testing.T) {
	t.Parallel()
	got, err := replaceBetweenMarkers("a\n"+begin+"old\n"+end+"z\n", "new\n")
	require.NoError(t, err)
	assert.Equal(t, "a\n"+begin+"new\n"+end+"z\n", got)
	_, err = replaceBetweenMarkers("no markers", "new")
	require.ErrorContains(t, err, "markers")
}

func TestReadmeShowsTheWorkflow(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	chart, err := flowchart(statemachine.Definition)
	require.NoError(t, err)
	assert.Contains(t, string(readme), begin+"```mermaid\n"+chart+"```\n"+end, "run `make diagram`")
}
