package account

import (
	"context"
	"maps"
	"slices"

	"github.com/digipres/sync-users/shared/domain/run"
)

// Preview reads an account and plans what Sync would write to it, which is
// nothing yet. Its errors are those of Sync, and ErrNoAccount.
func (s Syncer) Preview(ctx context.Context, user run.User) (*Account, Plan, error) {
	account, err := s.Accounts.Account(ctx, user.Email)
	if err != nil {
		return nil, Plan{}, err
	}
	plan, err := s.plan(ctx, account, user)
	return account, plan, err
}

// PathStatus compares a path of an account with what it should be. The values
// are identifiers for programs; a table has sentences of its own.
type PathStatus string

// The statuses of a path.
const (
	InSync            PathStatus = "in_sync"
	Missing           PathStatus = "missing"
	Extra             PathStatus = "extra"
	KeyDiffers        PathStatus = "key_differs"
	SettingsDiffer    PathStatus = "settings_differ"
	PermissionsDiffer PathStatus = "permissions_differ"
	Unmanaged         PathStatus = "unmanaged"
)

// Path is one path of an account, as it is and as it should be.
type Path struct {
	Path string
	// Folder is the virtual folder shown there, now or after a sync, and Bucket
	// its bucket; both empty for a path that has permissions only.
	Folder, Bucket string
	// AccessKeyID is that of the folder as it is.
	AccessKeyID string
	// Actual and Expected are permissions; nil where there are none.
	Actual, Expected []string
	Status           PathStatus
}

// Paths are all paths of the account for which the plan was made, in order.
func (p Plan) Paths(account *Account) []Path {
	paths := map[string]Path{}
	for path, is := range account.Permissions {
		paths[path] = p.permissions(Path{Path: path, Actual: is, Status: Unmanaged})
	}
	for path := range p.Edit.SetPermissions {
		paths[path] = p.permissions(Path{Path: path, Actual: account.Permissions[path]})
	}
	if root, ok := paths["/"]; ok && root.Status == Unmanaged && len(p.Buckets) > 0 {
		root.Status = InSync
		paths["/"] = root
	}
	for _, folder := range account.Folders {
		path := p.permissions(Path{Path: folder.Path, Actual: account.Permissions[folder.Path], Status: InSync})
		path.Folder, path.Bucket, path.AccessKeyID = folder.Name, folder.Bucket, folder.AccessKeyID
		path.Status = p.verdict(folder, path.Status, account.Username)
		paths[folder.Path] = path
	}
	for _, spec := range p.Edit.Map {
		path := paths[spec.Path()]
		path.Folder, path.Bucket, path.Status = spec.Name, spec.Bucket, Missing
		path.Expected = BucketPermissions(spec.Bucket)
		paths[spec.Path()] = path
	}
	sorted := make([]Path, 0, len(paths))
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		p := paths[path]
		p.Path = path
		sorted = append(sorted, p)
	}
	return sorted
}

// permissions compares those of a path.
func (p Plan) permissions(path Path) Path {
	path.Expected = path.Actual
	if should, ok := p.Edit.SetPermissions[path.Path]; ok {
		path.Expected, path.Status = should, PermissionsDiffer
	}
	if slices.Contains(p.Edit.RemovePermissions, path.Path) {
		path.Expected, path.Status = nil, Extra
	}
	return path
}

// verdict compares a folder that the account shows.
func (p Plan) verdict(folder Folder, permissions PathStatus, username string) PathStatus {
	is := func(spec Spec) bool { return spec.Name == folder.Name }
	switch {
	case slices.ContainsFunc(p.Remove, func(f Folder) bool { return f.Name == folder.Name }):
		return Extra
	case slices.ContainsFunc(p.Update, is) && folder.AccessKeyID != p.keys.ID:
		return KeyDiffers
	case slices.ContainsFunc(p.Update, is), slices.ContainsFunc(p.Edit.Map, is):
		return SettingsDiffer
	case permissions != InSync:
		return permissions
	case !slices.Contains(p.Buckets, folder.Bucket) && !isOwned(folder, username):
		return Unmanaged
	}
	return InSync
}
