package sendrun

import (
	"context"
	"errors"
	"maps"
	"time"
)

const (
	// mailInterval is the shortest time between two mails.
	mailInterval = 15 * time.Minute
	// remindAfter is when a failure is mailed again that goes on.
	remindAfter = 24 * time.Hour
	// maxWaiting is how many failures are kept for the next mail. More are counted.
	maxWaiting = 1000
)

// Failure is an object that could not be sent, or a run that failed as a whole.
type Failure struct {
	// Key is empty for a run.
	Key string `json:"key,omitempty"`
	// Kind is the name of the error, and Reason its text.
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
	// Execution is the run in which it happened last, at At.
	Execution string    `json:"execution"`
	At        time.Time `json:"at"`
}

func (f Failure) id() string { return f.Key + "\x00" + f.Kind }

// MailLog is what was mailed, and what waits to be. Failures gather in it, so that there
// is at most one mail in a quarter of an hour however many runs fail.
type MailLog struct {
	MailedAt time.Time `json:"mailedAt,omitzero"`
	// Told are the failures that were mailed, with the time.
	Told map[string]time.Time `json:"told,omitempty"`
	// Waiting are those that were not mailed yet, and Omitted how many more there were.
	Waiting map[string]Failure `json:"waiting,omitempty"`
	Omitted int                `json:"omitted,omitempty"`
}

// ErrMailLogChanged means that another run wrote the log between reading and writing.
var ErrMailLogChanged = errors.New("the log of mails was changed by another run")

// MailLogs keeps the one MailLog.
type MailLogs interface {
	// Read returns the log with its version; both are zero if there is none.
	Read(ctx context.Context) (MailLog, string, error)
	// CompareAndSwap writes the log if it still has that version, and returns
	// ErrMailLogChanged otherwise.
	CompareAndSwap(ctx context.Context, log MailLog, version string) error
}

// due reports whether there is something to mail, and a mail may be sent.
func (l *MailLog) due(now time.Time) bool {
	return len(l.Waiting) > 0 && now.Sub(l.MailedAt) >= mailInterval
}

// add notes a failure, unless it was mailed within the last day.
func (l *MailLog) add(f Failure) {
	if told, ok := l.Told[f.id()]; ok && f.At.Sub(told) < remindAfter {
		return
	}
	if l.Waiting == nil {
		l.Waiting = map[string]Failure{}
	}
	if _, ok := l.Waiting[f.id()]; !ok && len(l.Waiting) >= maxWaiting {
		l.Omitted++
		return
	}
	l.Waiting[f.id()] = f
}

// resolve forgets what was mailed about objects that do not fail any more, so that a later
// failure is mailed again. The failure that waits stays: it is told even if it is over.
func (l *MailLog) resolve(resolved func(id string) bool, now time.Time) {
	maps.DeleteFunc(l.Told, func(id string, at time.Time) bool { return resolved(id) || now.Sub(at) >= remindAfter })
}

// take returns what waits, and notes that it is mailed.
func (l *MailLog) take(now time.Time) (failures map[string]Failure, omitted int) {
	failures, omitted = l.Waiting, l.Omitted
	if l.Told == nil {
		l.Told = map[string]time.Time{}
	}
	for id := range failures {
		l.Told[id] = now
	}
	l.Waiting, l.Omitted, l.MailedAt = nil, 0, now
	return failures, omitted
}
