package history

import (
	"slices"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// Sizes are the sizes of a run's objects, in the order in which they are begun.
type Sizes []int64

// SizesOf returns the sizes of objects.
func SizesOf(objects []sendfile.Object) Sizes {
	sizes := make(Sizes, len(objects))
	for i, object := range objects {
		sizes[i] = object.Size
	}
	return sizes
}

// Total returns the sum of all sizes, in bytes.
func (s Sizes) Total() (total int64) {
	for _, size := range s {
		total += size
	}
	return total
}

// Done returns how many bytes are done at least. Step Functions tells how many objects are, and not
// which: these may be the smallest of those that were begun.
func (s Sizes) Done(progress run.Progress) int64 {
	begun := slices.Clone(s[:min(len(s), progress.Done+progress.Running)])
	slices.Sort(begun)
	return begun[:min(len(begun), progress.Done)].Total()
}
