// Command diagram draws the workflow as a Mermaid flowchart, between two markers
// of a Markdown file, so that the picture is always that of the definition.
//
//	diagram docs/architecture.md
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/digipres/sync-users/statemachine"
)

const (
	beginMarker = "<!-- workflow: made by `make diagram` -->\n"
	endMarker   = "<!-- end of workflow -->\n"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("name the one Markdown file to write to")
	}
	if err := updateFile(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func updateFile(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	updated, err := replaceDiagram(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(updated), 0o644)
}

// replaceDiagram returns the Markdown with the workflow as it is defined now
// between the markers. It returns an error if a marker is missing.
func replaceDiagram(markdown string) (string, error) {
	diagram, err := flowchart(statemachine.Definition)
	if err != nil {
		return "", err
	}
	return replaceBetweenMarkers(markdown, "```mermaid\n"+diagram+"```\n")
}

func replaceBetweenMarkers(text, middle string) (string, error) {
	before, rest, hasBegin := strings.Cut(text, beginMarker)
	_, after, hasEnd := strings.Cut(rest, endMarker)
	if !hasBegin || !hasEnd {
		return "", fmt.Errorf("the markers of the diagram, %q and %q, are missing", strings.TrimSpace(beginMarker), strings.TrimSpace(endMarker))
	}
	return before + beginMarker + middle + endMarker + after, nil
}
