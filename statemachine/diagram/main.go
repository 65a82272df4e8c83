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
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	updated, err := replaceDiagram(string(text))
	if err != nil {
		log.Fatalf("%s: %v", os.Args[1], err)
	}
	if err := os.WriteFile(os.Args[1], []byte(updated), 0o644); err != nil {
		log.Fatal(err)
	}
}

// replaceDiagram returns the Markdown with the workflow as it is defined now
// between the markers. It returns an error if a marker is missing.
func replaceDiagram(markdown string) (string, error) {
	diagram, err := flowchart(statemachine.Definition)
	if err != nil {
		return "", err
	}
	before, rest, hasBegin := strings.Cut(markdown, beginMarker)
	_, after, hasEnd := strings.Cut(rest, endMarker)
	if !hasBegin || !hasEnd {
		return "", fmt.Errorf("the markers of the diagram, %q and %q, are missing", strings.TrimSpace(beginMarker), strings.TrimSpace(endMarker))
	}
	return before + beginMarker + "```mermaid\n" + diagram + "```\n" + endMarker + after, nil
}
