package account

import (
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/stack"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// planPermissions plans the entries of the account's permissions that differ from
// the desired ones, and the removal of those of removed folders and stale ones.
func (c *comparison) planPermissions() {
	revoke, grant := &c.plan.Revoke, &c.plan.Grant
	desired := c.desiredPermissions()
	for path, permissions := range desired {
		actual, exists := c.account.Permissions[path]
		if exists && equalSets(actual, permissions) {
			continue
		}
		if grant.SetPermissions == nil {
			grant.SetPermissions = map[string][]string{}
		}
		grant.SetPermissions[path] = permissions
		grant.Disconnect = grant.Disconnect || exists
	}
	for path, actual := range c.account.Permissions {
		_, keep := desired[path]
		if !keep && (hasPath(c.plan.Remove, path) || c.isStale(path, actual)) {
			revoke.RemovePermissions = append(revoke.RemovePermissions, path)
			revoke.Disconnect = true
		}
	}
	slices.Sort(revoke.RemovePermissions)
}

// desiredPermissions returns the permissions by path that go with the shown
// folders. Without a shown folder or without keys, it returns nil: what the
// account has stays.
func (c *comparison) desiredPermissions() map[string][]string {
	if len(c.shown) == 0 || c.keys == nil {
		return nil
	}
	desired := map[string][]string{"/": {"list"}}
	for _, spec := range c.shown {
		desired[spec.Path()] = syncuser.BucketPermissions(spec.Bucket)
	}
	return desired
}

// isStale reports whether an entry of the account's permissions is left over from
// an interrupted removal: it is as this program writes it for a stack's bucket,
// but no folder is mapped at its path. Entries of an account in a group are never
// stale, because the group may map a folder there.
func (c *comparison) isStale(path string, actual []string) bool {
	bucket := strings.TrimPrefix(path, "/")
	_, ok := stack.OfBucket(bucket)
	return ok && !strings.Contains(bucket, "/") && equalSets(actual, syncuser.BucketPermissions(bucket)) &&
		len(c.account.Groups) == 0 &&
		!c.user.LeavesAlone(bucket) &&
		!hasPath(c.account.Folders, path) &&
		!slices.ContainsFunc(c.shown, func(spec Spec) bool { return spec.Path() == path })
}

func hasPath(folders []Folder, path string) bool {
	return slices.ContainsFunc(folders, func(f Folder) bool { return f.Path == path })
}

// pathsOverlap reports whether one path is the other or below it, which SFTPGo
// refuses for two mappings.
func pathsOverlap(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+"/") || strings.HasPrefix(b, a+"/")
}

func equalSets(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
