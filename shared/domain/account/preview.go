package account

import (
	"context"
	"maps"
	"slices"

	"github.com/digipres/sync-users/shared/domain/run"
)

// Preview reads an account and returns it with the plan that Sync would apply.
// Its errors are those of Sync, and ErrNoAccount.
func (s Syncer) Preview(ctx context.Context, user run.User) (*Account, Plan, error) {
	account, err := s.Accounts.Account(ctx, user.Email)
	if err != nil {
		return nil, Plan{}, err
	}
	plan, err := s.plan(ctx, account, user)
	return account, plan, err
}

// PathStatus compares a path of an account with its desired state. The values
// are stable identifiers for machine-readable output.
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
	// Folder is the virtual folder mapped there, now or after a sync, and Bucket
	// its bucket; both empty for a path that has permissions only.
	Folder, Bucket string
	// AccessKeyID is that of the folder as it is.
	AccessKeyID string
	// Actual and Expected are permissions; nil if there are none.
	Actual, Expected []string
	Status           PathStatus
}

// Paths returns all paths of the account for which the plan was made, in order.
func (p Plan) Paths(account *Account) []Path {
	paths := map[string]Path{}
	for path := range account.Permissions {
		paths[path] = p.comparePermissions(account, path, Unmanaged)
	}
	for path := range p.Grant.SetPermissions {
		paths[path] = p.comparePermissions(account, path, Unmanaged)
	}
	if root, ok := paths["/"]; ok && root.Status == Unmanaged && len(p.Buckets) > 0 {
		root.Status = InSync
		paths["/"] = root
	}
	for _, folder := range account.Folders {
		path := p.comparePermissions(account, folder.Path, InSync)
		path.Folder, path.Bucket, path.AccessKeyID = folder.Name, folder.Bucket, folder.AccessKeyID
		path.Status = p.folderStatus(folder, path.Status, account.Username)
		paths[folder.Path] = path
	}
	for _, spec := range p.Grant.Map {
		path := paths[spec.Path()]
		path.Path, path.Folder, path.Bucket, path.Status = spec.Path(), spec.Name, spec.Bucket, Missing
		path.Expected = BucketPermissions(spec.Bucket)
		paths[spec.Path()] = path
	}
	sorted := make([]Path, 0, len(paths))
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		sorted = append(sorted, paths[path])
	}
	return sorted
}

// comparePermissions returns a path with its permissions, and with a status if the
// plan changes them.
func (p Plan) comparePermissions(account *Account, path string, unchanged PathStatus) Path {
	actual := account.Permissions[path]
	compared := Path{Path: path, Actual: actual, Expected: actual, Status: unchanged}
	if permissions, ok := p.Grant.SetPermissions[path]; ok {
		compared.Expected, compared.Status = permissions, PermissionsDiffer
	}
	if slices.Contains(p.Revoke.RemovePermissions, path) {
		compared.Expected, compared.Status = nil, Extra
	}
	return compared
}

// folderStatus returns the status of a path where a folder is mapped, given that
// of its permissions.
func (p Plan) folderStatus(folder Folder, permissions PathStatus, username string) PathStatus {
	hasName := func(spec Spec) bool { return spec.Name == folder.Name }
	switch {
	case slices.ContainsFunc(p.Remove, func(f Folder) bool { return f.Name == folder.Name }):
		return Extra
	case slices.ContainsFunc(p.Update, hasName) && p.keys.differs(folder) != "":
		return KeyDiffers
	case slices.ContainsFunc(p.Update, hasName), slices.ContainsFunc(p.Grant.Map, hasName):
		return SettingsDiffer
	case permissions != InSync:
		return permissions
	case !slices.Contains(p.Buckets, folder.Bucket) && !isOwned(folder, username):
		return Unmanaged
	}
	return InSync
}
