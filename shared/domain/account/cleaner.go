package account

import (
	"context"
	"errors"
	"strings"

	"github.com/digipres/sync-users/shared/domain/stack"
)

// Cleaner deletes the folder records, with the keys in them, that interrupted syncs
// left over: those that a sync created and could not map, and those that it unmapped
// and could not delete.
type Cleaner struct {
	Lister FolderLister
	Reader FolderReader
	Writer FolderWriter
}

// DeleteLeftovers deletes every folder record that this program created and that is
// mapped for no account and no group, and returns their names; in a dry run it only
// returns them. It must not run beside a sync, which creates a folder before it maps
// it. It takes access from nobody, so a list that is not complete does no harm.
func (c Cleaner) DeleteLeftovers(ctx context.Context, dryRun bool) (names []string, err error) {
	leftovers, err := c.Lister.ListFolders(ctx, isLeftover)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, folder := range leftovers {
		names = append(names, folder.Name)
		if !dryRun {
			errs = append(errs, deleteFolder(ctx, c.Reader, c.Writer, folder.Name, func(f *Folder) bool { return isLeftover(*f) }))
		}
	}
	return names, errors.Join(errs...)
}

// isLeftover reports whether a folder is mapped for nobody, and has the name and the
// mapped path that this program gives to the folder of a stack's bucket.
func isLeftover(f Folder) bool {
	key, isNamed := strings.CutSuffix(f.Name, stack.FolderName("", f.Bucket))
	_, isStackBucket := stack.OfBucket(f.Bucket)
	spec := Spec{Name: f.Name}
	return f.S3 && f.MappedPath == spec.MappedPath() &&
		isNamed && isStackBucket && key != "" && key == stack.Key(key) &&
		len(f.Users)+len(f.Groups) == 0
}
