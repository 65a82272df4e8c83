// Command diagram writes the workflow's definition as a Mermaid flowchart between
// two markers of a Markdown file.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/digipres/sync-users/statemachine"
)

const (
	begin = "<!-- workflow: made by `make diagram` -->\n"
	end   = "<!-- end of workflow -->\n"
)

func main() {
	if err := update(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "diagram:", err)
		os.Exit(1)
	}
}

func update(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	chart, err := flowchart(statemachine.Definition)
	if err != nil {
		return err
	}
	updated, err := replaceBetweenMarkers(string(text), "```mermaid\n"+chart+"```\n")
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(updated), 0o644)
}

// replaceBetweenMarkers replaces the text between the markers.
func replaceBetweenMarkers(text, middle string) (string, error) {
	head, rest, ok := strings.Cut(text, begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return "", errors.New("the markers of the flowchart are missing")
	}
	return head + begin + middle + end + tail, nil
}
