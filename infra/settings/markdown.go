package settings

import (
	"fmt"
	"strings"
)

// Markdown returns the table of a system's settings, as docs/settings.md shows it.
func Markdown(settings Settings) string {
	var b strings.Builder
	b.WriteString("| setting | default | what it decides |\n|---|---|---|\n")
	for _, f := range fieldsOf(settings) {
		usual, help := f.usual, f.help
		switch {
		case f.fallback != "":
			usual = "'" + f.fallback + "'"
		case usual == "" && strings.HasPrefix(f.validate, "required"):
			usual = "required"
		}
		if f.env != "" {
			help += "; also '" + f.env + "' in the environment"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.name, strings.ReplaceAll(usual, "'", "`"), strings.ReplaceAll(help, "'", "`"))
	}
	return b.String()
}
