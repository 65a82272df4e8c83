// Package failuremail gathers the failures of runs into mails: one in a quarter of an hour
// at most, and each failure once a day.
package failuremail

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

const (
	// mailInterval is the shortest time between two mails.
	mailInterval = 15 * time.Minute
	// remindAfter is when a failure is mailed again that goes on.
	remindAfter = 24 * time.Hour
	// MaxWaiting is how many failures are kept for the next mail. More are counted.
	MaxWaiting = 1000
)

// Failure is a file or object that could not be transferred, or a run that failed as a
// whole.
type Failure struct {
	// Key names the file or object. It is empty for a run.
	Key string `json:"key,omitempty"`
	// Kind is the name of the error, and Reason its text.
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
	// Execution is the run in which it happened last, at At.
	Execution string    `json:"execution"`
	At        time.Time `json:"at"`
}

func (f Failure) id() string { return f.Key + "\x00" + f.Kind }

// Log is what was mailed, and what waits to be. Failures gather in it, so that there
// is at most one mail in a quarter of an hour however many runs fail.
type Log struct {
	MailedAt time.Time `json:"mailedAt,omitzero"`
	// Told are the failures that were mailed, with the time.
	Told map[string]time.Time `json:"told,omitempty"`
	// Waiting are those that were not mailed yet, and Omitted how many more there were.
	Waiting map[string]Failure `json:"waiting,omitempty"`
	Omitted int                `json:"omitted,omitempty"`
}

// ErrLogChanged means that another run wrote the log between reading and writing.
var ErrLogChanged = errors.New("the log of mails was changed by another run")

// Logs keeps the one Log.
type Logs interface {
	// Read returns the log with its version; both are zero if there is none.
	Read(ctx context.Context) (Log, string, error)
	// CompareAndSwap writes the log if it still has that version, and returns
	// ErrLogChanged otherwise.
	CompareAndSwap(ctx context.Context, log Log, version string) error
}

// Due reports whether there is something to mail, and a mail may be sent.
func (l *Log) Due(now time.Time) bool {
	return len(l.Waiting) > 0 && now.Sub(l.MailedAt) >= mailInterval
}

// add notes a failure, unless it was mailed within the last day.
func (l *Log) add(f Failure) {
	if told, ok := l.Told[f.id()]; ok && f.At.Sub(told) < remindAfter {
		return
	}
	if l.Waiting == nil {
		l.Waiting = map[string]Failure{}
	}
	if _, ok := l.Waiting[f.id()]; !ok && len(l.Waiting) >= MaxWaiting {
		l.Omitted++
		return
	}
	l.Waiting[f.id()] = f
}

// resolve forgets what was mailed about keys that do not fail any more, so that a later
// failure is mailed again. The failure that waits stays: it is told even if it is over.
func (l *Log) resolve(resolved func(key string) bool, now time.Time) {
	maps.DeleteFunc(l.Told, func(id string, at time.Time) bool {
		return resolved(keyOf(id)) || now.Sub(at) >= remindAfter
	})
}

// take returns what waits, and notes that it is mailed.
func (l *Log) take(now time.Time) (failures map[string]Failure, omitted int) {
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

// Gather adds the failures of a run to those that wait, and returns the mail about all of
// them if it is due; nil otherwise. resolved reports of a key that was mailed, or of "" for
// runs, that it does not fail any more. It returns Unavailable if other runs write the log
// all the time.
func Gather(ctx context.Context, logs Logs, texts Texts, now time.Time, failures []Failure, resolved func(key string) bool) (*Mail, error) {
	for range 10 {
		log, version, err := logs.Read(ctx)
		if err != nil {
			return nil, fmt.Errorf("read which failures were mailed: %w", err)
		}
		log.resolve(resolved, now)
		for _, failure := range failures {
			log.add(failure)
		}
		var mail *Mail
		if log.Due(now) {
			waiting, omitted := log.take(now)
			due := texts.mail(waiting, omitted)
			mail = &due
		}
		err = logs.CompareAndSwap(ctx, log, version)
		if err == nil {
			return mail, nil
		}
		if !errors.Is(err, ErrLogChanged) {
			return nil, fmt.Errorf("note which failures are mailed: %w", err)
		}
	}
	return nil, errkind.Errorf(errkind.Unavailable, "other runs wrote the log of mails all the time")
}
