package console

import (
	"fmt"
	"sync"

	"github.com/schollz/progressbar/v3"
)

// Progress shows how far something is: a bar on a terminal, and otherwise a
// line for each step of which there is something to say. It is safe for
// concurrent use.
type Progress struct {
	screen screen
	what   string
	total  int

	mu   sync.Mutex
	done int
	set  bool // whether Set was called
	bar  *progressbar.ProgressBar
}

// Progress begins to show on Err how far something is.
func (c *Console) Progress(what string, total int) *Progress {
	p := &Progress{screen: c.err, what: what, total: total}
	if p.screen.terminal {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(c.err),
			progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(),
			progressbar.OptionSetElapsedTime(true),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionUseANSICodes(c.err.color),
			progressbar.OptionEnableColorCodes(c.err.color),
			progressbar.OptionFullWidth(),
			progressbar.OptionSetTheme(theme(c.err.color)),
			progressbar.OptionClearOnFinish(),
		)
		_ = p.bar.RenderBlank()
	}
	return p
}

func theme(color bool) progressbar.Theme {
	t := progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "│", BarEnd: "│"}
	if color {
		t.Saucer, t.SaucerHead = "[green]█[reset]", "[green]█[reset]"
	}
	return t
}

// Step says that one more is done. On a terminal only what is worth a line of
// its own gets one, above the bar.
func (p *Progress) Step(notable bool, texts ...Text) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	switch {
	case p.bar == nil && len(texts) > 0:
		p.line(texts...)
	case p.bar != nil && notable:
		p.above(texts...)
	}
	p.move()
}

// Set says how many are done.
func (p *Progress) Set(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.set && done == p.done {
		return
	}
	p.set, p.done = true, done
	if p.bar == nil {
		p.line()
	}
	p.move()
}

// Say says something meanwhile.
func (p *Progress) Say(texts ...Text) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.above(texts...)
	p.move()
}

// line writes how far it is, and something about the step.
func (p *Progress) line(texts ...Text) {
	count := Say(fmt.Sprintf("%s %d/%d", p.what, p.done, p.total))
	_ = p.screen.say(append([]Text{count}, texts...)...)
}

// above writes a line in place of the bar, which move draws again below it.
func (p *Progress) above(texts ...Text) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	_ = p.screen.say(texts...)
}

func (p *Progress) move() {
	if p.bar != nil {
		_ = p.bar.Set(p.done)
	}
}

// Stop ends the showing, and leaves nothing of a bar.
func (p *Progress) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Exit()
		_ = p.bar.Clear()
	}
}
