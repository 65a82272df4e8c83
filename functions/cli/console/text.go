package console

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/fatih/color"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Tone is what a text means, which a colour shows.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Strong
	Faint
	Good
	Notable
	Bad
)

var colors = map[Tone]*color.Color{
	Strong:  lit(color.Bold),
	Faint:   lit(color.Faint),
	Good:    lit(color.FgGreen),
	Notable: lit(color.FgYellow),
	Bad:     lit(color.FgRed),
}

// lit is a colour that does not ask by itself where it goes.
func lit(attribute color.Attribute) *color.Color {
	c := color.New(attribute)
	c.EnableColor()
	return c
}

// Text is a piece of text of one tone.
type Text struct {
	Tone Tone
	Text string
}

// Say is text of no particular tone.
func Say(text string) Text { return Text{Text: text} }

// paint gives texts as they are written to a screen, one space between them.
func (s screen) paint(texts ...Text) string {
	var parts []string
	for _, t := range texts {
		words := printable(t.Text)
		if words == "" {
			continue
		}
		if c := colors[t.Tone]; c != nil && s.color {
			words = c.Sprint(words)
		}
		parts = append(parts, words)
	}
	return strings.Join(parts, " ")
}

// say writes texts on lines of their own, broken between words where the screen
// ends.
func (s screen) say(texts ...Text) error {
	line := s.paint(texts...)
	if s.width > 0 {
		line = text.WrapSoft(line, s.width)
		line = trailing.ReplaceAllString(line, "$1")
	}
	_, err := fmt.Fprintln(s, line)
	return err
}

// trailing is the space with which WrapSoft fills lines.
var trailing = regexp.MustCompile(`(?m) +((?:\x1b\[[0-9;]*m)*)$`)

// printable leaves out what would steer a terminal: a tag or a server's answer
// may hold anything.
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
