package local

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress writes a line for each step that is done, with the time since the
// start. It is safe for concurrent use.
type progress struct {
	began time.Time

	mu  sync.Mutex
	out io.Writer
}

func newProgress(out io.Writer) *progress {
	if out == nil {
		out = io.Discard
	}
	return &progress{began: time.Now(), out: out}
}

func (p *progress) done(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Whoever reads the progress may have left; the cloud comes up all the same.
	_, _ = fmt.Fprintf(p.out, "%5.1fs  %s\n", time.Since(p.began).Seconds(), fmt.Sprintf(format, args...))
}
