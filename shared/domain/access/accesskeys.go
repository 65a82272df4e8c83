package access

import (
	"context"
	"time"
)

// AccessKey is an access key of an IAM user.
type AccessKey struct {
	ID        string
	Active    bool
	CreatedAt time.Time
}

// AccessKeys reads access keys in IAM, which knows no secrets.
type AccessKeys interface {
	AccessKeys(ctx context.Context, username string) ([]AccessKey, error)
}

// KeyStatus is the status in IAM of the access key of an IAM user. The values are stable
// identifiers for machine-readable output.
type KeyStatus string

// The statuses.
const (
	KeyActive   KeyStatus = "active"
	KeyInactive KeyStatus = "inactive"
	// KeyOfOtherUser means that the user has no such access key.
	KeyOfOtherUser KeyStatus = "of_other_user"
	KeyUnknown     KeyStatus = "unknown"
)

// LastFour returns enough of an access key id to recognize it.
func LastFour(id string) string {
	if len(id) <= 4 {
		return id
	}
	return "…" + id[len(id)-4:]
}
