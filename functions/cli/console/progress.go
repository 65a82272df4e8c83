package console

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/schollz/progressbar/v3"
)

// Progress shows how many items are done: as a bar on a terminal, elsewhere as a
// line for each step. It is safe for concurrent use.
type Progress struct {
	screen screen
	label  string
	total  int

	mu   sync.Mutex
	done int
	set  bool                     // whether Set was called
	text string                   // what stands after the label
	bar  *progressbar.ProgressBar // invisible unless the screen is a terminal
}

// Progress starts to show progress on standard error.
func (c *Console) Progress(label string, total int) *Progress {
	theme := progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "│", BarEnd: "│"}
	if c.err.color {
		theme.Saucer, theme.SaucerHead = "[green]█[reset]", "[green]█[reset]"
	}
	return &Progress{screen: c.err, label: label, total: total, bar: progressbar.NewOptions(total,
		progressbar.OptionSetWriter(c.err),
		progressbar.OptionSetVisibility(c.err.terminal),
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionSetDescription(label),
		progressbar.OptionShowCount(),
		progressbar.OptionSetElapsedTime(true),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionUseANSICodes(c.err.color),
		progressbar.OptionEnableColorCodes(c.err.color),
		progressbar.OptionFullWidth(),
		progressbar.OptionSetTheme(theme),
		progressbar.OptionClearOnFinish(),
	)}
}

// Step counts one more item. On a terminal its spans are shown above the bar,
// and only if they are important.
func (p *Progress) Step(important bool, spans ...Span) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	switch {
	case p.screen.terminal && !important:
		spans = nil
	case !p.screen.terminal && len(spans) > 0:
		spans = append([]Span{p.count()}, spans...)
	}
	p.show(spans...)
}

// Set sets the number of items that are done.
func (p *Progress) Set(done int) { p.SetWithText(done, "") }

// SetWithText sets the number of items that are done, and what else there is to say. Elsewhere
// than on a terminal, there is a line only if the number has changed.
func (p *Progress) SetWithText(done int, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	changed := !p.set || done != p.done
	if !changed && (!p.screen.terminal || text == p.text) {
		return
	}
	p.set, p.done, p.text = true, done, text
	if p.screen.terminal {
		p.bar.Describe(strings.TrimSpace(p.label + " " + text))
		p.show()
	} else {
		p.show(p.count(), Text(text))
	}
}

// Note writes a message, above the bar if there is one.
func (p *Progress) Note(spans ...Span) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show(spans...)
}

// Stop ends the progress and removes the bar.
func (p *Progress) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.bar.Exit()
	_ = p.bar.Clear()
}

func (p *Progress) count() Span { return Text(fmt.Sprintf("%s %d/%d", p.label, p.done, p.total)) }

// show writes a line in place of the bar, if there are spans, and draws the bar below it.
func (p *Progress) show(spans ...Span) {
	if len(spans) > 0 {
		_ = p.bar.Clear()
		_, _ = io.WriteString(p.screen, p.screen.line(spans...))
	}
	_ = p.bar.Set(p.done)
}
