package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// Paths returns the paths of an IAM user's Transfer user as they are and as they should
// be; false if there is none.
func (s Server) Paths(ctx context.Context, user run.User) (paths []syncuser.Path, found bool, err error) {
	if !namePattern.MatchString(user.Email) {
		return nil, false, nil
	}
	current, err := s.Syncer.Users.User(ctx, user.Email)
	if errors.Is(err, ErrNoUser) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the Transfer user: %w", err)
	}
	return s.Syncer.plan(current, user).paths(current), true, nil
}

// paths returns the paths of the user for whom the plan was made, in order. What may be
// done is what the plan's session policy says: of the policy that is there, only whether
// it says the same is known.
func (p Plan) paths(current *User) []syncuser.Path {
	d := readDirectories(current)
	added, removed := newSet(p.Added), newSet(p.Removed)
	var paths []syncuser.Path
	for _, m := range d.foreign {
		bucket, _ := m.bucketAndKey()
		paths = append(paths, syncuser.Path{Path: m.Entry, Folder: m.Target, Bucket: bucket, Status: syncuser.Unmanaged})
	}
	for _, bucket := range sortedSet(slices.Concat(d.owned, p.Added)) {
		path := syncuser.Path{Path: "/" + bucket, Bucket: bucket, Expected: syncuser.BucketPermissions(bucket), Status: syncuser.InSync}
		switch {
		case removed[bucket]:
			path.Expected, path.Status = nil, syncuser.Extra
		case added[bucket]:
			path.Status = syncuser.Missing
		case p.Update.Policy != "":
			path.Status = syncuser.PermissionsDiffer
		default:
			path.Actual = path.Expected
		}
		paths = append(paths, path)
	}
	slices.SortFunc(paths, func(a, b syncuser.Path) int { return strings.Compare(a.Path, b.Path) })
	return paths
}
