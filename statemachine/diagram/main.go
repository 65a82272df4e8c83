// Command diagram draws the workflow as a Mermaid flowchart, between two marks
// of a Markdown file, so that the picture is always that of the definition.
//
//	diagram README.md          writes the picture into the file
//	diagram -check README.md   fails if the file's picture is another one
package main

import (
	"errors"
	"flag"
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
	check := flag.Bool("check", false, "only check that the picture is up to date")
	flag.Parse()
	if err := draw(flag.Arg(0), *check); err != nil {
		fmt.Fprintln(os.Stderr, "diagram:", err)
		os.Exit(1)
	}
}

func draw(file string, check bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	picture, err := flowchart(statemachine.Definition)
	if err != nil {
		return err
	}
	drawn, err := between(string(text), "```mermaid\n"+picture+"```\n")
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", file, err)
	case drawn == string(text):
		return nil
	case check:
		return fmt.Errorf("%s does not show the workflow as it is; run `make diagram`", file)
	}
	return os.WriteFile(file, []byte(drawn), 0o644)
}

// between puts a text between the marks.
func between(text, middle string) (string, error) {
	head, rest, ok := strings.Cut(text, begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return "", errors.New("the marks of the picture are missing")
	}
	return head + begin + middle + end + tail, nil
}
