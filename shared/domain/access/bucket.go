package access

import (
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/stack"
)

// OfBucket returns the reading with the entries of one bucket alone. It returns
// InvalidInput if the bucket is not one of a stack and nobody reaches it, with the
// names that similar chooses from those of the stacks' buckets.
func (r Reading) OfBucket(bucket string, similar func(name string, known []string) []string) (Reading, error) {
	var names []string
	for _, b := range r.buckets {
		names = append(names, b.Name)
	}
	r.Entries = slices.DeleteFunc(slices.Clone(r.Entries), func(e Entry) bool { return e.Bucket != bucket })
	if len(r.Entries) > 0 || slices.Contains(names, bucket) {
		return r, nil
	}
	if _, ok := stack.OfGroup(bucket); ok && !discover.IsStackBucket(bucket) {
		return Reading{}, errkind.Errorf(errkind.InvalidInput, "%s is the name of a replication copy, which no account shows", bucket)
	}
	text := ""
	if near := similar(bucket, names); len(near) > 0 {
		text = "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return Reading{}, errkind.Errorf(errkind.InvalidInput, "no stack has a bucket %q in this AWS account, and nobody reaches one of that name%s", bucket, text)
}
