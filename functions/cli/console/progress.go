package console

import (
	"fmt"
	"io"
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
	bar  *progressbar.ProgressBar // nil if the screen is no terminal
}

// Progress starts to show progress on standard error.
func (c *Console) Progress(label string, total int) *Progress {
	p := &Progress{screen: c.err, label: label, total: total}
	if p.screen.terminal {
		p.bar = newBar(c.err, label, total)
		_ = p.bar.RenderBlank()
	}
	return p
}

func newBar(s screen, label string, total int) *progressbar.ProgressBar {
	theme := progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "│", BarEnd: "│"}
	if s.color {
		theme.Saucer, theme.SaucerHead = "[green]█[reset]", "[green]█[reset]"
	}
	return progressbar.NewOptions(total,
		progressbar.OptionSetWriter(s),
		progressbar.OptionSetDescription(label),
		progressbar.OptionShowCount(),
		progressbar.OptionSetElapsedTime(true),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionUseANSICodes(s.color),
		progressbar.OptionEnableColorCodes(s.color),
		progressbar.OptionFullWidth(),
		progressbar.OptionSetTheme(theme),
		progressbar.OptionClearOnFinish(),
	)
}

// Step counts one more item. On a terminal its spans are shown above the bar,
// and only if they are important.
func (p *Progress) Step(important bool, spans ...Span) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	switch {
	case p.bar == nil && len(spans) > 0:
		p.writeCount(spans...)
	case p.bar != nil && important:
		p.writeAbove(spans...)
	}
	p.redraw()
}

// Set sets the number of items that are done.
func (p *Progress) Set(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.set && done == p.done {
		return
	}
	p.set, p.done = true, done
	if p.bar == nil {
		p.writeCount()
	}
	p.redraw()
}

// Note writes a message, above the bar if there is one.
func (p *Progress) Note(spans ...Span) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writeAbove(spans...)
	p.redraw()
}

// Stop ends the progress and removes the bar.
func (p *Progress) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Exit()
		_ = p.bar.Clear()
	}
}

func (p *Progress) writeCount(spans ...Span) {
	count := Text(fmt.Sprintf("%s %d/%d", p.label, p.done, p.total))
	_, _ = io.WriteString(p.screen, p.screen.line(append([]Span{count}, spans...)...))
}

// writeAbove writes a line in place of the bar, which redraw draws below it.
func (p *Progress) writeAbove(spans ...Span) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	_, _ = io.WriteString(p.screen, p.screen.line(spans...))
}

func (p *Progress) redraw() {
	if p.bar != nil {
		_ = p.bar.Set(p.done)
	}
}
