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

// describe completes the result with the outcome of a plan that is not blocked.
func describe(result run.Result, user run.User, plan Plan) run.Result {
	result.Buckets = plan.Buckets
	result.Added = addedBuckets(plan)
	result.Removed = removedBuckets(plan)
	result.KeyRotated = plan.keyChange == keyRotated || plan.keyChange == keyCorrected
	switch {
	case plan.Empty() && len(user.Stacks) == 0:
		return skipped(result, user.IneligibleReason())
	case plan.Empty() && len(plan.Buckets) == 0:
		return skipped(result, "no bucket found for "+strings.Join(user.Stacks, ", "))
	case plan.Empty():
		result.Outcome, result.Reason = run.Unchanged, "everything was as it should be"
	case len(user.Stacks) == 0:
		result.Outcome, result.Reason = run.Revoked, "no stack group any more: "+changes(result, plan)
	default:
		result.Outcome, result.Reason = run.Updated, changes(result, plan)
	}
	return result
}

// changes lists the changes of a result. A change that concerns neither a bucket
// nor the keys corrects a setting.
func changes(result run.Result, plan Plan) string {
	var parts []string
	if n := len(result.Added); n > 0 {
		parts = append(parts, countBuckets(n)+" added")
	}
	if n := len(result.Removed); n > 0 {
		parts = append(parts, countBuckets(n)+" removed")
	}
	if plan.keyChange != "" {
		parts = append(parts, string(plan.keyChange))
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

// addedBuckets returns the buckets that the account did not show before. A folder
// that only changes its name adds none.
func addedBuckets(plan Plan) []string {
	before := bucketNames(plan.Remove)
	var added []string
	for _, spec := range plan.Create {
		if !slices.Contains(before, spec.Bucket) {
			added = append(added, spec.Bucket)
		}
	}
	return added
}

// removedBuckets returns the buckets that the account no longer shows.
func removedBuckets(plan Plan) []string {
	return slices.DeleteFunc(bucketNames(plan.Remove), func(bucket string) bool {
		return slices.Contains(plan.Buckets, bucket)
	})
}

// bucketNames returns the buckets of folders, in order.
func bucketNames(folders []Folder) []string {
	var names []string
	for _, f := range folders {
		names = append(names, f.Bucket)
	}
	slices.Sort(names)
	return names
}
