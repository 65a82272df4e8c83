// Package transfer syncs one AWS Transfer Family user with the stacks of its IAM user:
// it compares the user's logical directories and session policy with those that it
// should have, and writes the difference.
package transfer

import (
	"context"
	"errors"
	"regexp"
	"strings"
)

// ErrNoUser means that the server has no user of that name.
var ErrNoUser = errors.New("no such Transfer user")

// User is what a sync reads of a user of a Transfer server.
type User struct {
	Name string
	// Role is the ARN of the role with which the server accesses S3 for the user.
	Role string
	// Logical reports whether the user sees Mappings and not absolute paths of S3.
	Logical  bool
	Mappings []Mapping
	// HomeDirectory is where a session begins; empty for the root.
	HomeDirectory string
	// Policy is the session policy, as JSON; empty without one.
	Policy string
}

// Mapping is a logical directory: it shows the S3 path Target, which begins with the
// bucket, at the path Entry.
type Mapping struct {
	Entry, Target string
	// File reports whether the target is one object and not a folder.
	File bool
}

// Update is a change of a user. What is not in it stays as it is.
type Update struct {
	// Mappings replace all mappings, and have the user see mappings; nil changes
	// nothing.
	Mappings []Mapping
	// ClearHomeDirectory has sessions begin at the root.
	ClearHomeDirectory bool
	// Policy replaces the session policy; empty changes nothing.
	Policy string
}

// empty reports whether the update changes nothing.
func (u Update) empty() bool {
	return u.Mappings == nil && !u.ClearHomeDirectory && u.Policy == ""
}

// Users reads and writes the users of a Transfer server. Errors are of the kinds
// Throttled, Unavailable, AccessDenied, Misconfigured or Unexpected.
type Users interface {
	// User returns the user of that name, or ErrNoUser.
	User(ctx context.Context, name string) (*User, error)
	// UpdateUser updates the user. If the user no longer exists, it returns Unavailable,
	// so that the sync is repeated with what there is then.
	UpdateUser(ctx context.Context, user *User, update Update) error
}

// Sessions ends the open sessions of people who have a role.
type Sessions interface {
	// EndSessions denies everything to the sessions of the role, by its ARN, that have begun
	// until now; they have to log in again. Errors are of the kinds Throttled, Unavailable,
	// AccessDenied, Misconfigured or Unexpected.
	EndSessions(ctx context.Context, role string) error
}

// namePattern matches the names that a user may have
// (https://docs.aws.amazon.com/transfer/latest/APIReference/API_CreateUser.html#TransferFamily-CreateUser-request-UserName).
var namePattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_@.-]{2,99}$`)

// userNameVariable stands for the user's name in the paths of mappings. AWS replaces
// it when it stores them (https://github.com/hashicorp/terraform-provider-aws/issues/27012).
var userNameVariable = regexp.MustCompile(`(?i)\$\{transfer:username\}`)

// expand returns a mapping without the variable.
func (m Mapping) expand(userName string) Mapping {
	if strings.Contains(m.Entry+m.Target, "${") {
		m.Entry = userNameVariable.ReplaceAllLiteralString(m.Entry, userName)
		m.Target = userNameVariable.ReplaceAllLiteralString(m.Target, userName)
	}
	return m
}

// bucketAndKey splits the target of a mapping.
func (m Mapping) bucketAndKey() (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(m.Target, "/"), "/")
	return bucket, strings.TrimSuffix(key, "/")
}
