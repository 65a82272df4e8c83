// Command diagram draws workflows as Mermaid flowcharts, each between two markers
// of a Markdown file, so that a picture is always that of the definition.
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

// workflow is one that is drawn.
type workflow struct {
	name, definition string
	// item is what has a child execution of its own.
	item string
}

var workflows = []workflow{
	{"sync-users", statemachine.Definition, "a user"},
	{"send-files", statemachine.SendFiles, "an object"},
	{"fetch-files", statemachine.FetchFiles, "an item"},
}

func (w workflow) beginMarker() string {
	return "<!-- workflow " + w.name + ": made by `make diagram` -->\n"
}

const endMarker = "<!-- end of workflow -->\n"

func main() {
	if len(os.Args) != 2 {
		log.Fatal("name the one Markdown file to write to")
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	updated, err := replaceDiagrams(string(text))
	if err != nil {
		log.Fatalf("%s: %v", os.Args[1], err)
	}
	if err := os.WriteFile(os.Args[1], []byte(updated), 0o644); err != nil {
		log.Fatal(err)
	}
}

// replaceDiagrams returns the Markdown with the workflows as they are defined now
// between their markers. It returns an error if a marker is missing.
func replaceDiagrams(markdown string) (string, error) {
	for _, w := range workflows {
		diagram, err := flowchart(w.definition, w.item)
		if err != nil {
			return "", err
		}
		before, rest, hasBegin := strings.Cut(markdown, w.beginMarker())
		_, after, hasEnd := strings.Cut(rest, endMarker)
		if !hasBegin || !hasEnd {
			return "", fmt.Errorf("the markers of the diagram, %q and %q, are missing", strings.TrimSpace(w.beginMarker()), strings.TrimSpace(endMarker))
		}
		markdown = before + w.beginMarker() + "```mermaid\n" + diagram + "```\n" + endMarker + after
	}
	return markdown, nil
}
