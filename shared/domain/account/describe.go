package account

import (
	"slices"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// describe returns the result of a plan that is not blocked.
func describe(user run.User, plan Plan) run.Result {
	result := syncuser.Changes{
		Buckets: plan.Buckets, Added: addedBuckets(plan), Removed: removedBuckets(plan),
		Other: string(plan.keyChange), Written: !plan.Empty(),
	}.Result(user)
	result.KeyRotated = plan.keyChange == keyRotated || plan.keyChange == keyCorrected
	return result
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
