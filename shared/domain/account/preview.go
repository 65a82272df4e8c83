package account

import (
	"maps"
	"slices"

	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// Paths returns all paths of the account for which the plan was made, in order.
func (p Plan) Paths(account *Account) []syncuser.Path {
	paths := map[string]syncuser.Path{}
	for path := range account.Permissions {
		paths[path] = p.comparePermissions(account, path, syncuser.Unmanaged)
	}
	for path := range p.Grant.SetPermissions {
		paths[path] = p.comparePermissions(account, path, syncuser.Unmanaged)
	}
	if root, ok := paths["/"]; ok && root.Status == syncuser.Unmanaged && len(p.Buckets) > 0 {
		root.Status = syncuser.InSync
		paths["/"] = root
	}
	for _, folder := range account.Folders {
		path := p.comparePermissions(account, folder.Path, syncuser.InSync)
		path.Folder, path.Bucket, path.AccessKeyID = folder.Name, folder.Bucket, folder.AccessKeyID
		path.Status = p.folderStatus(folder, path.Status, account.Username)
		paths[folder.Path] = path
	}
	for _, spec := range p.Grant.Map {
		path := paths[spec.Path()]
		path.Path, path.Folder, path.Bucket, path.Status = spec.Path(), spec.Name, spec.Bucket, syncuser.Missing
		path.Expected = syncuser.BucketPermissions(spec.Bucket)
		paths[spec.Path()] = path
	}
	sorted := make([]syncuser.Path, 0, len(paths))
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		sorted = append(sorted, paths[path])
	}
	return sorted
}

// comparePermissions returns a path with its permissions, and with a status if the
// plan changes them.
func (p Plan) comparePermissions(account *Account, path string, unchanged syncuser.PathStatus) syncuser.Path {
	actual := account.Permissions[path]
	compared := syncuser.Path{Path: path, Actual: actual, Expected: actual, Status: unchanged}
	if permissions, ok := p.Grant.SetPermissions[path]; ok {
		compared.Expected, compared.Status = permissions, syncuser.PermissionsDiffer
	}
	if slices.Contains(p.Revoke.RemovePermissions, path) {
		compared.Expected, compared.Status = nil, syncuser.Extra
	}
	return compared
}

// folderStatus returns the status of a path where a folder is mapped, given that
// of its permissions.
func (p Plan) folderStatus(folder Folder, permissions syncuser.PathStatus, username string) syncuser.PathStatus {
	hasName := func(spec Spec) bool { return spec.Name == folder.Name }
	switch {
	case slices.ContainsFunc(p.Remove, func(f Folder) bool { return f.Name == folder.Name }):
		return syncuser.Extra
	case slices.ContainsFunc(p.Update, hasName) && p.keys.differs(folder) != "":
		return syncuser.KeyDiffers
	case slices.ContainsFunc(p.Update, hasName), slices.ContainsFunc(p.Grant.Map, hasName):
		return syncuser.SettingsDiffer
	case permissions != syncuser.InSync:
		return permissions
	case !slices.Contains(p.Buckets, folder.Bucket) && !isOwned(folder, username):
		return syncuser.Unmanaged
	}
	return syncuser.InSync
}
