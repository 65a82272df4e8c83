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

// Verdict says in plain words how a path of an account is to what it should be.
type Verdict string

// The verdicts.
const (
	Right            Verdict = "as it should be"
	Missing          Verdict = "to be added"
	Surplus          Verdict = "to be removed"
	OtherKey         Verdict = "has another access key"
	OtherSettings    Verdict = "has other settings"
	OtherPermissions Verdict = "has other permissions"
	NotOurs          Verdict = "an administrator's own"
)

// Path is one path of an account, as it is and as it should be.
type Path struct {
	Path string
	// Folder is the virtual folder shown there, now or after a sync, and Bucket
	// its bucket; both empty for a path that has permissions only.
	Folder, Bucket string
	// AccessKeyID is that of the folder as it is.
	AccessKeyID string
	// Is and Should are permissions; nil where there are none.
	Is, Should []string
	Verdict    Verdict
}

// Paths are all paths of the account for which the plan was made, in order.
func (p Plan) Paths(account *Account) []Path {
	paths := map[string]Path{}
	for path, is := range account.Permissions {
		paths[path] = p.permissions(Path{Path: path, Is: is, Verdict: NotOurs})
	}
	for path := range p.Edit.SetPermissions {
		paths[path] = p.permissions(Path{Path: path, Is: account.Permissions[path]})
	}
	if root, ok := paths["/"]; ok && root.Verdict == NotOurs && len(p.Shows) > 0 {
		root.Verdict = Right
		paths["/"] = root
	}
	for _, folder := range account.Folders {
		path := p.permissions(Path{Path: folder.Path, Is: account.Permissions[folder.Path], Verdict: Right})
		path.Folder, path.Bucket, path.AccessKeyID = folder.Name, folder.Bucket, folder.AccessKeyID
		path.Verdict = p.verdict(folder, path.Verdict, account.Username)
		paths[folder.Path] = path
	}
	for _, spec := range p.Edit.Map {
		path := paths[spec.Path()]
		path.Folder, path.Bucket, path.Verdict = spec.Name, spec.Bucket, Missing
		path.Should = Permissions(spec.Bucket)
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
	path.Should = path.Is
	if should, ok := p.Edit.SetPermissions[path.Path]; ok {
		path.Should, path.Verdict = should, OtherPermissions
	}
	if slices.Contains(p.Edit.DropPermissions, path.Path) {
		path.Should, path.Verdict = nil, Surplus
	}
	return path
}

// verdict compares a folder that the account shows.
func (p Plan) verdict(folder Folder, permissions Verdict, username string) Verdict {
	is := func(spec Spec) bool { return spec.Name == folder.Name }
	switch {
	case slices.ContainsFunc(p.Remove, func(f Folder) bool { return f.Name == folder.Name }):
		return Surplus
	case slices.ContainsFunc(p.Update, is) && folder.AccessKeyID != p.keys.ID:
		return OtherKey
	case slices.ContainsFunc(p.Update, is), slices.ContainsFunc(p.Edit.Map, is):
		return OtherSettings
	case permissions != Right:
		return permissions
	case !slices.Contains(p.Shows, folder.Bucket) && !owned(folder, username):
		return NotOurs
	}
	return Right
}
