package main

import (
	"fmt"
	"strings"
)

// settingsMarkdown is the table of all settings as the README shows it.
func settingsMarkdown() string {
	var b strings.Builder
	b.WriteString("| setting | default | what it is |\n|---|---|---|\n")
	for _, s := range settingsTable(&Settings{}) {
		usual := s.usual
		if s.fallback != "" {
			usual = "`" + s.fallback + "`"
		}
		help := s.help
		if s.variable != "" {
			help += "; also `" + s.variable + "` in the environment"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.name, usual, help)
	}
	return b.String()
}
