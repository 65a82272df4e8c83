package run

import (
	"cmp"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/stack"
)

// User is an IAM user with what their account on the SFTP server should show; one item
// of users.json. It has no secrets.
//
// An account that no IAM user claims any more is a User without a Username, whose
// account should show nothing.
type User struct {
	// Username is the IAM user's name; empty for an account that nobody claims.
	Username string `json:"username"`
	// Email is the tag that names the account; empty without one.
	Email string `json:"email,omitempty"`
	// AccountTag is the name of that tag, unless it is Email.
	AccountTag string `json:"accountTag,omitempty"`
	// Key is the prefix of the names of the folders of an SFTPGo account.
	Key string `json:"key,omitempty"`
	// Stacks are the stacks of the user's groups, in order of name.
	Stacks []string `json:"stacks,omitempty"`
	// Buckets are those that the account should show, in order of name.
	Buckets []Bucket `json:"buckets,omitempty"`
	// SharedWith are the other IAM users with the same Email tag. One account can
	// follow only one of them, so the account only loses what none of them should
	// have.
	SharedWith []string `json:"sharedWith,omitempty"`
	// Shared is what any of the users with the same Email tag should have, this one
	// included; nil if there is no other.
	Shared *Access `json:"shared,omitempty"`
}

// Access is what an account should show.
type Access struct {
	Stacks  []string `json:"stacks"`
	Buckets []Bucket `json:"buckets"`
}

// WithSharedAccess returns the user with the stacks and buckets of all users with
// the same Email tag.
func (u User) WithSharedAccess() User {
	u.Stacks, u.Buckets = u.Shared.Stacks, u.Shared.Buckets
	return u
}

// Bucket is an S3 bucket and the region that it is in.
type Bucket struct {
	Name   string `json:"name"`
	Region string `json:"region"`
}

// EmailTag is the tag that names a user's account, unless the settings name another.
const EmailTag = "Email"

// TagName returns the name of the tag that names the account.
func (u User) TagName() string { return cmp.Or(u.AccountTag, EmailTag) }

// Account returns the name of the user's account, for comparison: in lower case,
// because a server may ignore case. It is empty without an Email tag.
func (u User) Account() string { return AccountName(u.Email) }

// AccountName returns the name of an account for comparison.
func AccountName(email string) string { return strings.ToLower(email) }

// IneligibleReason returns why the user can't be synced; "" for one who can.
func (u User) IneligibleReason() string {
	switch {
	case u.Username == "":
		return "no IAM user has this " + u.TagName() + " tag"
	case u.Email == "":
		return "no " + u.TagName() + " tag"
	case len(u.Stacks) == 0:
		return "no stack group"
	}
	return ""
}

// LeavesAlone reports whether a bucket is of one of the user's stacks of which no bucket
// was found. What the account shows of it stays, because a stack whose buckets were not
// listed loses nothing.
func (u User) LeavesAlone(bucket string) bool {
	name, ok := stack.OfBucket(bucket)
	return ok && slices.Contains(u.Stacks, name) && !slices.ContainsFunc(u.Buckets, func(b Bucket) bool {
		of, ok := stack.OfBucket(b.Name)
		return ok && of == name
	})
}

// BucketNames returns the names of the user's buckets.
func (u User) BucketNames() []string {
	names := make([]string, 0, len(u.Buckets))
	for _, b := range u.Buckets {
		names = append(names, b.Name)
	}
	return names
}
