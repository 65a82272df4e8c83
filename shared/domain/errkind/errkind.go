// Package remedy names errors by what mends them.
//
// The state machine retries and catches by error name, and a person who reads
// a mail acts on it, so the name says the remedy rather than the place where
// the error arose.
package errkind

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// Kind is the name under which an error leaves a Lambda, as `ErrorEquals` in
// the state machine matches it.
type Kind string

// The kinds. Time mends the first three, which are the only ones retried; the
// others want a person.
const (
	// Throttled: a server asked us to come more slowly.
	Throttled Kind = "Throttled"
	// Unavailable: a server did not answer, or answered that it can't now.
	Unavailable Kind = "Unavailable"
	// RunInProgress: an earlier run is going; wait for its end.
	RunInProgress Kind = "RunInProgress"
	// InvalidInput: the run was asked for something that does not parse.
	InvalidInput Kind = "InvalidInput"
	// NotEligible: the named user does not exist, or may not be synced.
	NotEligible Kind = "NotEligible"
	// IncompleteReading: memberships or buckets could not be read in full, so
	// nothing may be concluded from them.
	IncompleteReading Kind = "IncompleteReading"
	// KeysMissing: the person's keys are not in Parameter Store.
	KeysMissing Kind = "KeysMissing"
	// Conflict: two claims to one thing, which only a person can settle.
	Conflict Kind = "Conflict"
	// AccessDenied: credentials or permissions have to be mended.
	AccessDenied Kind = "AccessDenied"
	// Misconfigured: a setting of the deployment is missing or wrong.
	Misconfigured Kind = "Misconfigured"
	// Unexpected: everything else, a bug included.
	Unexpected Kind = "Unexpected"
)

// Kinds are all of them.
var Kinds = []Kind{
	Throttled, Unavailable, RunInProgress, InvalidInput, NotEligible, IncompleteReading,
	KeysMissing, Conflict, AccessDenied, Misconfigured, Unexpected,
}

// Error is an error with the kind of its remedy. The outermost Error in a
// chain decides.
type Error struct {
	Kind Kind
	Err  error
}

// Error is the text alone: the kind travels beside it.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error of a kind; the format is fmt.Errorf's, %w included.
func Errorf(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// Of finds the kind of an error: that of the outermost Error in its chain,
// Unavailable for timeouts and failed connections, Unexpected for the rest.
func Of(err error) Kind {
	var known *Error
	if errors.As(err, &known) {
		return known.Kind
	}
	var network net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) {
		return Unavailable
	}
	return Unexpected
}
