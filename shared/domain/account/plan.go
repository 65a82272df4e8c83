package account

import (
	"maps"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/stack"
)

// Plan is the difference between what an account shows and what it should.
// A plan that is Empty writes nothing.
type Plan struct {
	// Create are folders that the account does not show yet.
	Create []Spec
	// Update are folders that it shows, but with another key, region or the
	// like than they should have.
	Update []Spec
	// Remove are owned folders that it should no longer show.
	Remove []Folder
	// Edit is what changes in the account itself.
	Edit Edit
	// Buckets are the buckets that the account shows afterwards, in order.
	Buckets []string
	// KeyRotated tells that a folder has another access key than the person.
	KeyRotated bool
	// Blocked says why some bucket can't be shown; nil when all can.
	Blocked error

	keys Keys
}

// Empty tells whether everything is as it should be.
func (p Plan) Empty() bool {
	return len(p.Create)+len(p.Update)+len(p.Remove)+len(p.Edit.Unmap)+len(p.Edit.Map)+
		len(p.Edit.SetPermissions)+len(p.Edit.RemovePermissions) == 0
}

// Compare plans what makes the account show the user's buckets and no other
// owned folder. Without keys (nil), nothing is given, but what has to go goes.
func Compare(account *Account, user run.User, keys *Keys, s3Endpoint string) Plan {
	c := comparison{account: account, user: user, keys: keys, want: map[string]Spec{}}
	for _, bucket := range user.Buckets {
		spec := Spec{Name: stack.FolderName(user.Key, bucket.Name), Bucket: bucket.Name, Region: bucket.Region, Endpoint: s3Endpoint}
		c.want[spec.Name] = spec
	}
	c.keepStacksWithoutBuckets(s3Endpoint)
	for _, folder := range account.Folders {
		c.compareFolder(folder)
	}
	c.planMissing()
	c.comparePermissions()
	slices.Sort(c.plan.Buckets)
	slices.Sort(c.plan.Edit.RemovePermissions)
	return c.plan
}

// comparison is one call of Compare as it goes on.
type comparison struct {
	account *Account
	user    run.User
	keys    *Keys
	want    map[string]Spec // by folder name; those left over are missing
	plan    Plan
	// shown are the wanted folders that the account shows afterwards.
	shown []Spec
	// kept are the folders that are not ours.
	kept []Folder
}

// keepStacksWithoutBuckets wants the owned folders of stacks of which no bucket was seen:
// such a reading takes nothing away.
func (c *comparison) keepStacksWithoutBuckets(s3Endpoint string) {
	for _, f := range c.account.Folders {
		if name, ok := stack.OfBucket(f.Bucket); ok && isOwned(f, c.account.Username) && slices.Contains(c.user.StacksWithoutBuckets(), name) {
			c.want[f.Name] = Spec{Name: f.Name, Bucket: f.Bucket, Region: f.Region, Endpoint: s3Endpoint}
		}
	}
}

func (c *comparison) compareFolder(f Folder) {
	spec, wanted := c.want[f.Name]
	switch {
	case wanted && f.S3 && f.Bucket == spec.Bucket:
		delete(c.want, f.Name)
		c.keep(f, spec)
	case isOwned(f, c.account.Username) && (c.keys != nil || !c.mayReach(f.Bucket)):
		c.plan.Remove = append(c.plan.Remove, f)
		c.plan.Edit.Unmap = append(c.plan.Edit.Unmap, f.Name)
		c.plan.Edit.Disconnect = true
		if _, ok := c.account.Permissions[f.Path]; ok {
			c.plan.Edit.RemovePermissions = append(c.plan.Edit.RemovePermissions, f.Path)
		}
	default:
		c.kept = append(c.kept, f)
	}
}

// mayReach tells whether the user may reach a bucket at all.
func (c *comparison) mayReach(bucket string) bool {
	return slices.ContainsFunc(c.user.Buckets, func(b run.Bucket) bool { return b.Name == bucket })
}

// keep compares a folder that stays with what it should be.
func (c *comparison) keep(f Folder, spec Spec) {
	c.shown = append(c.shown, spec)
	c.plan.Buckets = append(c.plan.Buckets, spec.Bucket)
	if c.keys == nil {
		return
	}
	if f.AccessKeyID != c.keys.ID {
		c.plan.KeyRotated = true
	}
	if f.AccessKeyID != c.keys.ID || f.Region != spec.Region || f.MappedPath != spec.MappedPath() ||
		(spec.Endpoint != "" && f.Endpoint != spec.Endpoint) {
		c.plan.Update = append(c.plan.Update, spec)
		c.plan.Edit.Disconnect = true
	}
	if f.Path != spec.Path() {
		c.plan.Edit.Map = append(c.plan.Edit.Map, spec)
		c.plan.Edit.Disconnect = true
	}
}

// planMissing plans the wanted folders that the account does not show, unless
// a folder that is not ours stands in the way.
func (c *comparison) planMissing() {
	if c.keys == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.want)) {
		spec := c.want[name]
		i := slices.IndexFunc(c.kept, func(f Folder) bool { return f.Name == name || overlap(f.Path, spec.Path()) })
		if i >= 0 {
			if c.plan.Blocked != nil {
				continue
			}
			c.plan.Blocked = errkind.Errorf(errkind.Conflict,
				"bucket %s can't be shown: the folder %q, which sync-users did not make, stands at %s; move or rename it in SFTPGo",
				spec.Bucket, c.kept[i].Name, c.kept[i].Path)
			continue
		}
		c.plan.Create = append(c.plan.Create, spec)
		c.plan.Edit.Map = append(c.plan.Edit.Map, spec)
		c.shown = append(c.shown, spec)
		c.plan.Buckets = append(c.plan.Buckets, spec.Bucket)
	}
}

// comparePermissions plans the entries of the paths that are ours: those that
// differ, and those left over from a removal that did not get to its end.
func (c *comparison) comparePermissions() {
	if len(c.shown) == 0 || c.keys == nil {
		c.removeStalePermissions()
		return
	}
	want := map[string][]string{"/": {"list"}}
	for _, spec := range c.shown {
		want[spec.Path()] = BucketPermissions(spec.Bucket)
	}
	for path, permissions := range want {
		have, ok := c.account.Permissions[path]
		if ok && sameSet(have, permissions) {
			continue
		}
		if c.plan.Edit.SetPermissions == nil {
			c.plan.Edit.SetPermissions = map[string][]string{}
		}
		c.plan.Edit.SetPermissions[path] = permissions
		if ok {
			c.plan.Edit.Disconnect = true
		}
	}
	c.plan.Edit.RemovePermissions = slices.DeleteFunc(c.plan.Edit.RemovePermissions, func(path string) bool {
		_, ok := want[path]
		return ok
	})
	c.removeStalePermissions()
}

// removeStalePermissions finds entries exactly as this program writes them, at a stack
// bucket's path where no folder is any more. An account in a group may show
// folders that only the group knows, so its entries are left alone.
func (c *comparison) removeStalePermissions() {
	if len(c.account.Groups) > 0 {
		return
	}
	for path, have := range c.account.Permissions {
		bucket := strings.TrimPrefix(path, "/")
		name, ok := stack.OfBucket(bucket)
		if !ok || strings.Contains(bucket, "/") || slices.Contains(c.user.StacksWithoutBuckets(), name) || !sameSet(have, BucketPermissions(bucket)) {
			continue
		}
		mapped := slices.ContainsFunc(c.account.Folders, func(f Folder) bool { return f.Path == path })
		wanted := slices.ContainsFunc(c.shown, func(s Spec) bool { return s.Path() == path })
		if !mapped && !wanted {
			c.plan.Edit.RemovePermissions = append(c.plan.Edit.RemovePermissions, path)
			c.plan.Edit.Disconnect = true
		}
	}
}

// isOwned tells whether this program made a folder for the account: it has the
// name that one of the account's keys gives, shows the bucket of that name,
// and keeps its local files where this program puts them.
func isOwned(f Folder, username string) bool {
	spec := Spec{Name: f.Name}
	return f.S3 && f.MappedPath == spec.MappedPath() &&
		(f.Name == stack.FolderName(stack.Key(username), f.Bucket) ||
			f.Name == stack.FolderName(stack.UniqueKey(username), f.Bucket))
}

// BucketPermissions are what an account may do with a bucket: everything, but only
// look and download in a managed bucket.
func BucketPermissions(bucket string) []string {
	if stack.IsManaged(bucket) {
		return []string{"list", "download"}
	}
	return []string{"*"}
}

// overlap tells whether one path is the other or lies below it, which SFTPGo
// refuses.
func overlap(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+"/") || strings.HasPrefix(b, a+"/")
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
