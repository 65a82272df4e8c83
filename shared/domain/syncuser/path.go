package syncuser

import "github.com/digipres/sync-users/shared/domain/stack"

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
	// Folder is the server's name of what is mapped there, now or after a sync, and
	// Bucket its bucket; both empty for a path that has permissions only.
	Folder, Bucket string
	// AccessKeyID is that of the folder as it is.
	AccessKeyID string
	// Actual and Expected are permissions; nil if there are none.
	Actual, Expected []string
	Status           PathStatus
}

// BucketPermissions returns what an account may do with a bucket: list and
// download if it is a managed bucket, otherwise everything.
func BucketPermissions(bucket string) []string {
	if stack.IsManaged(bucket) {
		return []string{"list", "download"}
	}
	return []string{"*"}
}
