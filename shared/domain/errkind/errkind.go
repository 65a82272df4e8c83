// Package errkind classifies errors by what to do about them.
//
// The state machine retries and catches errors by name, and the reader of a mail
// acts on that name, so it stands for the remedy and not for the place of the error.
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

// The kinds. The state machine retries only the first three, and a Superseded run is a
// good end; the others need an operator.
const (
	// Throttled: a server refused a call because of its rate limit.
	Throttled Kind = "Throttled"
	// Unavailable: a server did not answer, or answered that it can't at the moment.
	Unavailable Kind = "Unavailable"
	// RunInProgress: an earlier run has not ended; wait for it.
	RunInProgress Kind = "RunInProgress"
	// Superseded: a newer run that does the same has begun or waits too.
	Superseded Kind = "Superseded"
	// RunLockLost: the run does not have the lock, because it ended before and was
	// redriven; start another one.
	RunLockLost Kind = "RunLockLost"
	// InvalidInput: the input of a run is malformed.
	InvalidInput Kind = "InvalidInput"
	// NotEligible: the named user does not exist, or may not be synced.
	NotEligible Kind = "NotEligible"
	// IncompleteReading: memberships or buckets could not be read in full, so
	// no sync may act on them.
	IncompleteReading Kind = "IncompleteReading"
	// TooManyLosses: the run would take access from more people than it may without
	// somebody having looked; accept it, or correct what caused it.
	TooManyLosses Kind = "TooManyLosses"
	// KeysMissing: the user's keys are not in Parameter Store.
	KeysMissing Kind = "KeysMissing"
	// Conflict: two users or folders need the same account, name or path.
	Conflict Kind = "Conflict"
	// AccessDenied: credentials or permissions have to be corrected.
	AccessDenied Kind = "AccessDenied"
	// Misconfigured: a setting of the deployment is missing or wrong.
	Misconfigured Kind = "Misconfigured"
	// Unexpected: everything else, a bug included.
	Unexpected Kind = "Unexpected"
)

// The kinds that only the transfer of files has. All need an operator.
const (
	// HostKeyChanged: the partner's SFTP server shows another host key than the settings
	// have; ask the partner before it is trusted.
	HostKeyChanged Kind = "HostKeyChanged"
	// LoginRefused: the partner's SFTP server refuses the username, password or key.
	LoginRefused Kind = "LoginRefused"
	// PermissionDenied: the partner's SFTP server does not let the account write, make a
	// directory or rename.
	PermissionDenied Kind = "PermissionDenied"
	// DiskFull: the partner's SFTP server has no space left, or the account's quota is
	// exhausted.
	DiskFull Kind = "DiskFull"
	// InvalidName: the key of an object can't be made the path of a file.
	InvalidName Kind = "InvalidName"
	// ContentMismatch: what was read or stored is not what the object's checksum says.
	ContentMismatch Kind = "ContentMismatch"
	// ObjectArchived: the object is in an archive storage class; it has to be restored
	// before it can be read.
	ObjectArchived Kind = "ObjectArchived"
)

// FileKinds are the kinds that only the transfer of files has.
var FileKinds = []Kind{HostKeyChanged, LoginRefused, PermissionDenied, DiskFull, InvalidName, ContentMismatch, ObjectArchived}

// Kinds are all other kinds.
var Kinds = []Kind{
	Throttled, Unavailable, RunInProgress, Superseded, RunLockLost, InvalidInput, NotEligible, IncompleteReading,
	TooManyLosses, KeysMissing, Conflict, AccessDenied, Misconfigured, Unexpected,
}

// Error is an error with a kind. The outermost Error in a chain decides.
type Error struct {
	Kind Kind
	Err  error
}

// Error returns the text without the kind.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an error of a kind; the format is fmt.Errorf's, %w included.
func Errorf(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// Of returns the kind of an error: that of the outermost Error in its chain,
// Unavailable for timeouts and failed connections, Unexpected for all others. Of
// joined errors one that the state machine retries decides, because the others
// return if they last.
func Of(err error) Kind {
	for _, joined := range joinedErrors(err) {
		if kind := Of(joined); kind.Retried() {
			return kind
		}
	}
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

// Retried reports whether the state machine retries errors of the kind.
func (k Kind) Retried() bool { return k == Throttled || k == Unavailable || k == RunInProgress }

// joinedErrors returns the errors that the chain of an error joins, unless an Error
// around them has decided on the kind.
func joinedErrors(err error) []error {
	for ; err != nil; err = errors.Unwrap(err) {
		switch e := err.(type) {
		case *Error:
			return nil
		case interface{ Unwrap() []error }:
			return e.Unwrap()
		}
	}
	return nil
}
