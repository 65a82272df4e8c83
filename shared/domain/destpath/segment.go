package destpath

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Twins of the characters that have a meaning in a path. A server that normalizes
// names by NFKC turns them into these (https://unicode.org/reports/tr15/), and people
// can't tell them apart.
const (
	slashTwins = "\u2044\u2215\u29f8\uff0f" // fraction slash, division slash, big solidus, fullwidth solidus
	// Windows separates directories with a backslash.
	backslashes = "\\\u2216\u29f5\u29f9\ufe68\uff3c"
)

// dotTwins are characters that are dots, or become dots by NFKC.
var dotTwins = strings.NewReplacer("\u2024", ".", "\u2025", "..", "\u2026", "...", "\ufe52", ".", "\uff0e", ".", "\u3002", ".", "\uff61", ".")

// segmentProblem returns why a segment can't be part of a path, as the rest of a
// sentence; "" if it can.
func segmentProblem(segment string) string {
	switch {
	case segment == "":
		return "has an empty segment, as in a//b"
	case !utf8.ValidString(segment):
		return "is not valid UTF-8"
	case len(segment) > maxSegment:
		return fmt.Sprintf("has a segment of %d bytes; servers take %d", len(segment), maxSegment)
	// Windows leaves out spaces and dots at the end, so that `.. ` is `..`.
	case onlyDotsAndBlanks(segment):
		return fmt.Sprintf("has the segment %q, which is no name", segment)
	}
	for _, r := range segment {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029', unicode.Is(unicode.Bidi_Control, r):
			return fmt.Sprintf("has the control character %U", r)
		case strings.ContainsRune(slashTwins, r):
			return fmt.Sprintf("has %q (%U), which looks like a slash", r, r)
		case strings.ContainsRune(backslashes, r):
			return fmt.Sprintf("has %q (%U), which some servers take for a slash", r, r)
		}
	}
	return ""
}

func onlyDotsAndBlanks(segment string) bool {
	return strings.TrimFunc(dotTwins.Replace(segment), func(r rune) bool { return r == '.' || isBlank(r) }) == ""
}

// isBlank reports whether a character shows as nothing.
func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }
