package account

import (
	"maps"
	"slices"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/stack"
)

// Plan is the difference between the folders and permissions of an account and
// those that it should have.
type Plan struct {
	// Create are folders that the account does not show yet.
	Create []Spec
	// Update are folders that it shows with a wrong access key, region, mapped
	// path or endpoint.
	Update []Spec
	// Remove are owned folders that it should no longer show.
	Remove []Folder
	// Revoke takes from the account itself what it should no longer have, and
	// Grant changes the rest of it.
	Revoke, Grant Edit
	// Buckets are the buckets that the account shows afterwards, in order.
	Buckets []string
	// Blocked says why some bucket can't be shown; nil if all can.
	Blocked error

	keys Keys
	// keyChange is why keys are written; empty if none are.
	keyChange keyChange
}

// Empty reports whether there is nothing to write.
func (p Plan) Empty() bool {
	return len(p.Create)+len(p.Update)+len(p.Remove) == 0 && p.Revoke.empty() && p.Grant.empty()
}

// compare plans the changes after which the account shows the user's buckets and
// no other owned folder. Without keys (nil), it plans only removals.
func (s Syncer) compare(account *Account, user run.User, keys *Keys) Plan {
	c := comparison{
		account: account, user: user, keys: keys, refreshKeys: s.RefreshKeys,
		missing: desiredFolders(account, user, s.S3Endpoint),
	}
	if keys != nil {
		c.plan.keys = *keys
	}
	for _, folder := range account.Folders {
		spec, desired := c.missing[folder.Name]
		switch {
		case desired && folder.S3 && folder.Bucket == spec.Bucket:
			delete(c.missing, folder.Name)
			c.planUpdate(folder, spec)
		case c.mustRemove(folder):
			c.planRemoval(folder)
		default:
			c.untouched = append(c.untouched, folder)
		}
	}
	c.planMissing()
	c.planPermissions()
	for _, spec := range c.shown {
		c.plan.Buckets = append(c.plan.Buckets, spec.Bucket)
	}
	slices.Sort(c.plan.Buckets)
	return c.plan
}

// comparison is the state of one call of compare.
type comparison struct {
	account *Account
	user    run.User
	keys    *Keys
	// refreshKeys asks for an update of every folder.
	refreshKeys bool
	// missing are the desired folders, by name, that were not found in the
	// account so far.
	missing map[string]Spec
	// shown are the desired folders that the account shows afterwards.
	shown []Spec
	// untouched are the folders of the account that are neither desired nor
	// removed.
	untouched []Folder
	plan      Plan
}

// desiredFolders returns the folders that the account should show, by name: one
// for each of the user's buckets, and the owned folders that are left alone.
func desiredFolders(account *Account, user run.User, s3Endpoint string) map[string]Spec {
	desired := map[string]Spec{}
	for _, bucket := range user.Buckets {
		name := stack.FolderName(user.Key, bucket.Name)
		desired[name] = Spec{Name: name, Bucket: bucket.Name, Region: bucket.Region, Endpoint: s3Endpoint}
	}
	for _, f := range account.Folders {
		if user.LeavesAlone(f.Bucket) && isOwned(f, account.Username) {
			desired[f.Name] = Spec{Name: f.Name, Bucket: f.Bucket, Region: f.Region, Endpoint: s3Endpoint}
		}
	}
	return desired
}

// planUpdate plans the update of a desired folder that the account shows, and
// its mapping at another path, where they differ.
func (c *comparison) planUpdate(folder Folder, spec Spec) {
	c.shown = append(c.shown, spec)
	if c.keys == nil {
		return
	}
	change := c.keys.differs(folder)
	if change == "" && c.refreshKeys {
		change = keysRefreshed
	}
	// A rotated key tells the most, if folders differ in what is to be written.
	if change != "" && c.plan.keyChange != keyRotated {
		c.plan.keyChange = change
	}
	if change != "" || folder.Region != spec.Region || folder.MappedPath != spec.MappedPath() ||
		(spec.Endpoint != "" && folder.Endpoint != spec.Endpoint) {
		c.plan.Update = append(c.plan.Update, spec)
		c.plan.Grant.Disconnect = true
	}
	if folder.Path != spec.Path() {
		c.plan.Grant.Map = append(c.plan.Grant.Map, spec)
		c.plan.Grant.Disconnect = true
	}
}

// mustRemove reports whether a folder that is not desired has to be removed: an
// owned one. Without keys, a folder of one of the user's buckets stays, because
// the desired folder of that bucket can't replace it.
func (c *comparison) mustRemove(folder Folder) bool {
	if !isOwned(folder, c.account.Username) {
		return false
	}
	return c.keys != nil || !slices.Contains(c.user.BucketNames(), folder.Bucket)
}

func (c *comparison) planRemoval(folder Folder) {
	c.plan.Remove = append(c.plan.Remove, folder)
	c.plan.Revoke.Unmap = append(c.plan.Revoke.Unmap, folder.Name)
	c.plan.Revoke.Disconnect = true
}

// planMissing plans the creation of the missing folders. A folder with the name
// or at the path of an untouched one is not created and sets Blocked.
func (c *comparison) planMissing() {
	if c.keys == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.missing)) {
		spec := c.missing[name]
		i := slices.IndexFunc(c.untouched, func(f Folder) bool { return f.Name == name || pathsOverlap(f.Path, spec.Path()) })
		if i >= 0 {
			c.block(spec, c.untouched[i])
			continue
		}
		c.plan.Create = append(c.plan.Create, spec)
		c.plan.Grant.Map = append(c.plan.Grant.Map, spec)
		c.shown = append(c.shown, spec)
	}
}

// block sets Blocked, unless another folder did before.
func (c *comparison) block(spec Spec, folder Folder) {
	if c.plan.Blocked == nil {
		c.plan.Blocked = errkind.Errorf(errkind.Conflict,
			"bucket %s can't be shown: the folder %q, which sync-users did not create, is mapped at %s; move or rename it in SFTPGo",
			spec.Bucket, folder.Name, folder.Path)
	}
}

// isOwned reports whether this program created a folder for the account: its
// name consists of one of the account's keys and its bucket, and its mapped path
// is the one that this program sets.
func isOwned(f Folder, username string) bool {
	spec := Spec{Name: f.Name}
	return f.S3 && f.MappedPath == spec.MappedPath() &&
		(f.Name == stack.FolderName(stack.Key(username), f.Bucket) ||
			f.Name == stack.FolderName(stack.UniqueKey(username), f.Bucket))
}
