package transfer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/stack"
)

// maxMappings is the most that a user may have
// (https://docs.aws.amazon.com/transfer/latest/APIReference/API_UpdateUser.html#TransferFamily-UpdateUser-request-HomeDirectoryMappings).
const maxMappings = 50_000

// noAccess is the mapping of a user who may see nothing, because a user who has mappings
// must have at least one. No bucket can have that name, because of its underscore
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html), and
// what does not exist is not shown.
var noAccess = Mapping{Entry: "/no-access", Target: "/sync-users_no-access"}

// sessionsToEnd is the mapping of a user from whom something was taken while sessions that
// still have it may be open. It remembers that beyond a call that fails, and beyond a
// function that dies. Like noAccess, it shows nothing.
var sessionsToEnd = Mapping{Entry: "/sessions-to-end", Target: "/sync-users_sessions-to-end"}

// directories are the logical directories that a user has.
type directories struct {
	// owned are the buckets of this program's mappings: those that show a stack bucket
	// under its own name.
	owned []string
	// noAccess reports whether the mapping of that name is there.
	noAccess bool
	// sessionsToEnd reports whether the mapping of that name is there.
	sessionsToEnd bool
	// foreign are an administrator's mappings, in their order.
	foreign []Mapping
}

// readDirectories returns the directories of a user. One who sees absolute paths has no
// mappings, but keeps what their home directory shows as a mapping, unless it is in a
// stack bucket, for memberships alone decide on those.
func readDirectories(user *User) directories {
	var d directories
	if !user.Logical {
		home := Mapping{Entry: strings.TrimSuffix(user.HomeDirectory, "/"), Target: user.HomeDirectory}.expand(user.Name)
		bucket, _ := home.bucketAndKey()
		if _, isStackBucket := stack.OfBucket(bucket); bucket != "" && !isStackBucket {
			d.foreign = []Mapping{home}
		}
		return d
	}
	for _, mapping := range user.Mappings {
		expanded := mapping.expand(user.Name)
		bucket, owned := ownedBucket(expanded)
		switch {
		case owned:
			d.owned = append(d.owned, bucket)
		case expanded == noAccess:
			d.noAccess = true
		case expanded == sessionsToEnd:
			d.sessionsToEnd = true
		default:
			d.foreign = append(d.foreign, expanded)
		}
	}
	return d
}

// ownedBucket returns the bucket of a mapping of this program.
func ownedBucket(m Mapping) (bucket string, owned bool) {
	bucket = strings.TrimPrefix(m.Entry, "/")
	_, isStackBucket := stack.OfBucket(bucket)
	return bucket, isStackBucket && m == bucketMapping(bucket) && !strings.Contains(bucket, "/")
}

// bucketMapping returns the mapping that shows a bucket.
func bucketMapping(bucket string) Mapping {
	return Mapping{Entry: "/" + bucket, Target: "/" + bucket}
}

// with returns all mappings of a user who is shown the buckets.
func (d directories) with(buckets []string) []Mapping {
	mappings := slices.Clone(d.foreign)
	for _, bucket := range buckets {
		mappings = append(mappings, bucketMapping(bucket))
	}
	if mappings == nil {
		return []Mapping{noAccess}
	}
	return mappings
}

// overlapping returns the foreign mapping beside which AWS allows none at that path
// (https://docs.aws.amazon.com/transfer/latest/userguide/logical-dir-mappings.html).
func (d directories) overlapping(path string) (Mapping, bool) {
	i := slices.IndexFunc(d.foreign, func(m Mapping) bool { return isWithin(path, m.Entry) || isWithin(m.Entry, path) })
	if i < 0 {
		return Mapping{}, false
	}
	return d.foreign[i], true
}

// isWithin reports whether a path is a folder or in it.
func isWithin(path, folder string) bool {
	return strings.HasPrefix(path+"/", strings.TrimSuffix(folder, "/")+"/")
}

// sameMappings compares the mappings of a user as sets.
func sameMappings(user *User, mappings []Mapping) bool {
	if !user.Logical {
		return false
	}
	var actual []Mapping
	for _, m := range user.Mappings {
		actual = append(actual, m.expand(user.Name))
	}
	return slices.Equal(sortedMappings(actual), sortedMappings(mappings))
}

func sortedMappings(mappings []Mapping) []Mapping {
	return slices.Compact(slices.SortedFunc(slices.Values(mappings), func(a, b Mapping) int {
		return cmp.Or(strings.Compare(a.Entry, b.Entry), strings.Compare(a.Target, b.Target))
	}))
}
