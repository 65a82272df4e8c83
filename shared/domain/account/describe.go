package account

import (
	"fmt"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/run"
)

func skipped(result run.Result, reason string) run.Result {
	result.Outcome, result.Reason = run.Skipped, reason
	return result
}

// describe says in plain words what a plan that nothing blocked comes to.
func describe(result run.Result, user run.User, plan Plan) run.Result {
	result.Buckets = plan.Buckets
	result.Added = added(plan)
	result.Removed = removed(plan)
	result.KeyRotated = plan.KeyRotated
	switch {
	case plan.Empty() && len(user.Stacks) == 0:
		return skipped(result, user.IneligibleReason())
	case plan.Empty() && len(plan.Buckets) == 0:
		return skipped(result, "no bucket of "+strings.Join(user.Stacks, ", ")+" was seen")
	case plan.Empty():
		result.Outcome, result.Reason = run.Unchanged, "everything was as it should be"
	case len(user.Stacks) == 0:
		result.Outcome, result.Reason = run.Revoked, "no stack group any more: "+changes(result)
	default:
		result.Outcome, result.Reason = run.Updated, changes(result)
	}
	return result
}

// changes lists what was changed; what is neither a bucket nor a key is a
// setting that somebody had altered.
func changes(result run.Result) string {
	var parts []string
	if n := len(result.Added); n > 0 {
		parts = append(parts, count(n)+" added")
	}
	if n := len(result.Removed); n > 0 {
		parts = append(parts, count(n)+" removed")
	}
	if result.KeyRotated {
		parts = append(parts, "access key rotated")
	}
	if parts == nil {
		return "settings put right"
	}
	return strings.Join(parts, ", ")
}

func count(buckets int) string {
	if buckets == 1 {
		return "1 bucket"
	}
	return fmt.Sprintf("%d buckets", buckets)
}

// added are the buckets that the account did not show before: a folder that
// only changes its name brings none.
func added(plan Plan) []string {
	was := buckets(plan.Remove)
	var added []string
	for _, spec := range plan.Create {
		if !slices.Contains(was, spec.Bucket) {
			added = append(added, spec.Bucket)
		}
	}
	return added
}

// removed are the buckets that the account shows no more.
func removed(plan Plan) []string {
	return slices.DeleteFunc(buckets(plan.Remove), func(bucket string) bool {
		return slices.Contains(plan.Buckets, bucket)
	})
}

// buckets are those of folders, in order.
func buckets(folders []Folder) []string {
	var names []string
	for _, f := range folders {
		names = append(names, f.Bucket)
	}
	slices.Sort(names)
	return names
}
