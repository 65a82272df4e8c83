package console

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/digipres/sync-users/shared/domain/printable"
)

// Tone is the meaning of a text, which its color shows: the SGR parameters that
// begin and end it on a terminal (ECMA-48, 8.3.117). The zero Tone is plain.
type Tone struct{ begin, end int }

// The tones.
var (
	Bold    = Tone{1, 22}
	Faint   = Tone{2, 22}
	Good    = Tone{32, 0}
	Warning = Tone{33, 0}
	Bad     = Tone{31, 0}
)

// Span is a piece of text in one tone.
type Span struct {
	Tone Tone
	Text string
}

// Text returns a span in the plain tone.
func Text(text string) Span { return Span{Text: text} }

// Text returns a span in the tone.
func (t Tone) Text(text string) Span { return Span{t, text} }

// format joins spans with a space and colors them for the screen.
func (s screen) format(spans ...Span) string {
	var parts []string
	for _, span := range spans {
		part := printable.Text(span.Text)
		if part == "" {
			continue
		}
		if s.color && span.Tone != (Tone{}) {
			part = fmt.Sprintf("\x1b[%dm%s\x1b[%dm", span.Tone.begin, part, span.Tone.end)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

// line returns spans as a line, wrapped between words at the screen's width.
func (s screen) line(spans ...Span) string {
	line := s.format(spans...)
	if s.width > 0 {
		line = trailingSpace.ReplaceAllString(text.WrapSoft(line, s.width), "$1")
	}
	return line + "\n"
}

// trailingSpace is what WrapSoft pads lines with.
var trailingSpace = regexp.MustCompile(`(?m) +((?:\x1b\[[0-9;]*m)*)$`)
