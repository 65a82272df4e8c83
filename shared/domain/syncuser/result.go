package syncuser

import (
	"fmt"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Changes are what a sync of an account changes.
type Changes struct {
	// Buckets are those that the account shows afterwards, and Added and Removed those
	// that it did not show before, or no longer shows; all in order.
	Buckets, Added, Removed []string
	// Other says what else changes, apart from settings; empty if nothing does.
	Other string
	// Written reports whether anything is written.
	Written bool
}

// Result returns the result of a user whose sync makes the changes.
func (c Changes) Result(user run.User) run.Result {
	switch {
	case !c.Written && len(user.Stacks) == 0:
		return c.result(user, run.Skipped, user.IneligibleReason())
	case !c.Written && len(c.Buckets) == 0:
		return c.result(user, run.Skipped, "no bucket found for "+strings.Join(user.Stacks, ", "))
	case !c.Written:
		return c.result(user, run.Unchanged, "everything was as it should be")
	case user.Username == "":
		return c.result(user, run.Revoked, user.IneligibleReason()+": "+c.String())
	case len(user.Stacks) == 0:
		return c.result(user, run.Revoked, "no stack group any more: "+c.String())
	}
	return c.result(user, run.Updated, c.String())
}

func (c Changes) result(user run.User, outcome run.Outcome, reason string) run.Result {
	return run.Result{
		Username: user.Username, Email: user.Email, Outcome: outcome, Reason: reason,
		Buckets: c.Buckets, Added: c.Added, Removed: c.Removed,
	}
}

// String lists the changes. One that concerns nothing else corrects a setting.
func (c Changes) String() string {
	var parts []string
	if n := len(c.Added); n > 0 {
		parts = append(parts, countBuckets(n)+" added")
	}
	if n := len(c.Removed); n > 0 {
		parts = append(parts, countBuckets(n)+" removed")
	}
	if c.Other != "" {
		parts = append(parts, c.Other)
	}
	if parts == nil {
		return "settings corrected"
	}
	return strings.Join(parts, ", ")
}

func countBuckets(n int) string {
	if n == 1 {
		return "1 bucket"
	}
	return fmt.Sprintf("%d buckets", n)
}

// Skipped returns the result of a user whose account is not touched.
func Skipped(user run.User, reason string) run.Result {
	return Changes{}.result(user, run.Skipped, reason)
}

// SharedTag returns the Conflict of a user whose tag is also that of others. The
// account is what the tag names, such as "SFTPGo account".
func SharedTag(user run.User, account string) error {
	return errkind.Errorf(errkind.Conflict,
		"the %s tag %s is also that of %s; one %s can follow only one IAM user, so change or remove one of the tags",
		user.TagName(), user.Email, strings.Join(user.SharedWith, ", "), account)
}
