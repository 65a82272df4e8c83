package console

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/fatih/color"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Tone is the meaning of a text, which its color shows.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Bold
	Faint
	Good
	Warning
	Bad
)

var colors = map[Tone]*color.Color{
	Bold:    newColor(color.Bold),
	Faint:   newColor(color.Faint),
	Good:    newColor(color.FgGreen),
	Warning: newColor(color.FgYellow),
	Bad:     newColor(color.FgRed),
}

// newColor enables the color everywhere, because the screen decides where.
func newColor(attribute color.Attribute) *color.Color {
	c := color.New(attribute)
	c.EnableColor()
	return c
}

// Span is a piece of text in one tone.
type Span struct {
	Tone Tone
	Text string
}

// Text returns a span in the plain tone.
func Text(text string) Span { return Plain.Text(text) }

// Text returns a span in the tone.
func (t Tone) Text(text string) Span { return Span{t, text} }

// format joins spans with a space and colors them for the screen.
func (s screen) format(spans ...Span) string {
	var parts []string
	for _, span := range spans {
		part := printable(span.Text)
		if part == "" {
			continue
		}
		if c := colors[span.Tone]; c != nil && s.color {
			part = c.Sprint(part)
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

// printable replaces control characters, because a tag or a server's response may
// contain escape sequences.
func printable(text string) string {
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
