// Package stack parses the names of stacks, their IAM groups and their buckets,
// and makes the names of SFTPGo folders.
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

// stackPrefix matches the name of a group or bucket of a stack: the stack's name,
// a hyphen, and at least one more character.
var stackPrefix = regexp.MustCompile(`^([a-z][a-z0-9]+-[a-z][a-z0-9]+)-.`)

// OfGroup returns the stack of an IAM group named `<stack>-<role>`; false for any
// other group.
func OfGroup(group string) (Name, bool) {
	m := stackPrefix.FindStringSubmatch(group)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// OfBucket returns the stack of a bucket named `<stack>-<anything>`; false for any
// other bucket and for replication copies (`*-repl`).
func OfBucket(bucket string) (Name, bool) {
	if strings.HasSuffix(bucket, replicaSuffix) {
		return "", false
	}
	return OfGroup(bucket)
}

// OfGroups returns the stacks of all stack groups among the groups, each once,
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

// IsManaged reports whether a bucket is a managed bucket, which users may only
// read.
func IsManaged(bucket string) bool { return strings.HasSuffix(bucket, managedSuffix) }
