package run

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Outcome is the outcome of one user's sync.
type Outcome string

// The outcomes; each user of a run has exactly one.
const (
	// Updated: the account differed and was written.
	Updated Outcome = "updated"
	// Unchanged: the account was in sync, and nothing was written.
	Unchanged Outcome = "unchanged"
	// Revoked: the user has no stack any more, and all owned folders were removed.
	Revoked Outcome = "revoked"
	// Skipped: there was nothing to sync, which is not a failure.
	Skipped Outcome = "skipped"
	// Failed: the user could not be synced; the reason says why.
	Failed Outcome = "failed"
)

// Outcomes are all outcomes, in the order in which reports show them.
var Outcomes = []Outcome{Updated, Unchanged, Revoked, Skipped, Failed}

// Result is the result of one user's sync. In a dry run, it is what a sync would
// have done.
type Result struct {
	// Username is empty for an account that no IAM user claims.
	Username string  `json:"username"`
	Email    string  `json:"email,omitempty"`
	Outcome  Outcome `json:"outcome"`
	// Reason says why, in a sentence for people.
	Reason string `json:"reason"`
	// Error is the kind of a failure; empty for every other outcome.
	Error string `json:"error,omitempty"`
	// Buckets are those that the account shows after the run.
	Buckets []string `json:"buckets,omitempty"`
	// Added and Removed are the buckets that the run added and removed.
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	// KeyRotated reports whether folders got other keys than they had.
	KeyRotated bool `json:"keyRotated,omitempty"`
}

// Changed reports whether the account was changed, also by a sync that failed then.
func (r Result) Changed() bool {
	return r.Outcome == Updated || r.Outcome == Revoked || len(r.Added)+len(r.Removed) > 0
}

// FailedResult returns the result of a user whose sync returned an error.
func FailedResult(user User, err error) Result {
	return Result{
		Username: user.Username,
		Email:    user.Email,
		Outcome:  Failed,
		Reason:   strings.ReplaceAll(err.Error(), "\n", "; "),
		Error:    string(errkind.Of(err)),
		Removed:  RemovedNevertheless(err.Error()),
	}
}

// AfterRemovals returns an error with the buckets that were removed nevertheless.
func AfterRemovals(err error, removed []string) error {
	if len(removed) == 0 {
		return err
	}
	return fmt.Errorf("%w (removed nevertheless: %s)", err, strings.Join(removed, ", "))
}

var removedNevertheless = regexp.MustCompile(`\(removed nevertheless: ([a-z0-9., -]+)(\)?)`)

// RemovedNevertheless returns the buckets that the text of an error names as removed: the
// text is all that a workflow keeps of an error. A name that was cut short is left out.
func RemovedNevertheless(text string) []string {
	match := removedNevertheless.FindStringSubmatch(text)
	if match == nil {
		return nil
	}
	names := strings.Split(match[1], ", ")
	if match[2] == "" {
		names = names[:len(names)-1]
	}
	return names
}
