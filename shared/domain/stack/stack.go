// Package stack knows the names by which stacks, their groups and their
// buckets are recognised, and the keys under which SFTPGo folders are kept.
package stack

import (
	"regexp"
	"slices"
	"strings"
)

// Name is a stack's name, `<org>-<env>`: two parts of two or more lower-case
// letters and digits, each starting with a letter.
type Name = string

const (
	replicaSuffix = "-repl"
	managedSuffix = "-managed"
)

// member matches what belongs to a stack: its name, a hyphen, something more.
var member = regexp.MustCompile(`^([a-z][a-z0-9]+-[a-z][a-z0-9]+)-.`)

// OfGroup gives the stack that an IAM group (`<stack>-<role>`) belongs to;
// false for a group that is no stack group.
func OfGroup(group string) (Name, bool) {
	m := member.FindStringSubmatch(group)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// OfBucket gives the stack that a bucket (`<stack>-<anything>`) belongs to;
// false for any other bucket and for replication copies (`*-repl`).
func OfBucket(bucket string) (Name, bool) {
	if strings.HasSuffix(bucket, replicaSuffix) {
		return "", false
	}
	return OfGroup(bucket)
}

// OfGroups gives the stacks of all stack groups among the groups, each once,
// in order of name.
func OfGroups(groups []string) []Name {
	var stacks []Name
	for _, group := range groups {
		if name, ok := OfGroup(group); ok {
			stacks = append(stacks, name)
		}
	}
	slices.Sort(stacks)
	return slices.Compact(stacks)
}

// IsManaged tells whether a bucket is a managed bucket, which people may read
// and not write.
func IsManaged(bucket string) bool { return strings.HasSuffix(bucket, managedSuffix) }
