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
	start time.Time

	mu  sync.Mutex
	out io.Writer
}

func newProgress(out io.Writer) *progress {
	if out == nil {
		out = io.Discard
	}
	return &progress{start: time.Now(), out: out}
}

func (p *progress) print(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Start goes on if nobody reads the progress any more.
	_, _ = fmt.Fprintf(p.out, "%5.1fs  %s\n", time.Since(p.start).Seconds(), fmt.Sprintf(format, args...))
}
