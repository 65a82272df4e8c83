package run

import (
	"slices"

	"github.com/digipres/sync-users/shared/domain/stack"
)

// User is one person as the memberships have them, one item of users.json.
// Nothing in it is secret.
type User struct {
	// Username is the IAM user's name.
	Username string `json:"username"`
	// Email is the tag that names the SFTPGo account; empty without one.
	Email string `json:"email,omitempty"`
	// Key is the prefix of the names of the account's folders.
	Key string `json:"key,omitempty"`
	// Stacks are the stacks that the user's groups name, in order.
	Stacks []string `json:"stacks,omitempty"`
	// Buckets are those that the account shows, in order of name.
	Buckets []Bucket `json:"buckets,omitempty"`
	// SharedWith are the other IAM users with the same Email tag. Such users
	// are not synced, since one account can follow only one of them.
	SharedWith []string `json:"sharedWith,omitempty"`
}

// Bucket is an S3 bucket and the region that it is in.
type Bucket struct {
	Name   string `json:"name"`
	Region string `json:"region"`
}

// IneligibleReason says why the user can't be synced at all; empty for one who can.
func (u User) IneligibleReason() string {
	switch {
	case u.Email == "":
		return "no Email tag"
	case len(u.Stacks) == 0:
		return "no stack group"
	}
	return ""
}

// StacksWithoutBuckets returns those of the user's stacks of which no bucket was
// seen. What the account has of them stays as it is.
func (u User) StacksWithoutBuckets() []stack.Name {
	return slices.DeleteFunc(slices.Clone(u.Stacks), func(name stack.Name) bool {
		return slices.ContainsFunc(u.Buckets, func(b Bucket) bool {
			of, ok := stack.OfBucket(b.Name)
			return ok && of == name
		})
	})
}

// BucketNames are the names of the user's buckets.
func (u User) BucketNames() []string {
	names := make([]string, 0, len(u.Buckets))
	for _, b := range u.Buckets {
		names = append(names, b.Name)
	}
	return names
}
