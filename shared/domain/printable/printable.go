// Package printable makes text safe to show to people: names and reasons come from
// tags and servers, and may have been chosen to deceive.
package printable

import (
	"strings"
	"unicode"
)

// Text returns the text with everything replaced that can't be seen: by a space for a
// line break or tab, by U+FFFD for any other control or format character, such as those
// that begin an escape sequence of a terminal or change the direction of the text.
func Text(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsGraphic(r):
			return r
		}
		return '�'
	}, text)
}
