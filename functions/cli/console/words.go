package console

import (
	"fmt"
	"time"
)

// Count returns a number of things, such as "2 users".
func Count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// Duration returns the time between two times, rounded.
func Duration(from, to time.Time) string {
	d := to.Sub(from)
	if d < 10*time.Second {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// Commas puts commas between spans, and returns them.
func Commas(spans []Span) []Span {
	for i := range len(spans) - 1 {
		spans[i].Text += ","
	}
	return spans
}
