package explain

import (
	"context"
	"fmt"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// AccessKey is an access key of an IAM user.
type AccessKey struct {
	ID     string
	Active bool
}

// AccessKeys reads the access keys of IAM users, without their secrets.
type AccessKeys interface {
	AccessKeys(ctx context.Context, username string) ([]AccessKey, error)
}

// Keys is how it stands with a person's AWS keys.
type Keys struct {
	// Stored tells whether both are in Parameter Store; if not, Problem says
	// what is missing.
	Stored  bool   `json:"stored"`
	Problem string `json:"problem,omitempty"`
	// AccessKey is the end of the access key id there, if it is one of theirs.
	AccessKey string `json:"accessKey,omitempty"`
	// Status is what IAM says of that access key.
	Status KeyStatus `json:"status,omitempty"`
	// StatusProblem says why the status could not be read.
	StatusProblem string `json:"statusProblem,omitempty"`
}

// KeyStatus is what IAM says of the access key in Parameter Store.
type KeyStatus string

// The statuses.
const (
	KeyActive   KeyStatus = "active"
	KeyInactive KeyStatus = "inactive"
	// KeyOfOtherUser: the person's IAM user has no such access key.
	KeyOfOtherUser KeyStatus = "of_other_user"
	KeyUnknown     KeyStatus = "unknown"
)

func (s Explainer) keys(ctx context.Context, username string) (Keys, error) {
	stored, err := s.Syncer.Keys.Keys(ctx, username)
	if errkind.Of(err) == errkind.KeysMissing {
		return Keys{Problem: err.Error()}, nil
	}
	if err != nil {
		return Keys{}, fmt.Errorf("read the keys of %s: %w", username, err)
	}
	keys := Keys{Stored: true, Status: KeyOfOtherUser}
	known, err := s.AccessKeys.AccessKeys(ctx, username)
	if err != nil {
		// Only this command needs that permission, so it goes on without.
		keys.Status, keys.StatusProblem = KeyUnknown, err.Error()
		return keys, nil
	}
	for _, key := range known {
		switch {
		case key.ID != stored.ID:
			continue
		case key.Active:
			keys.Status = KeyActive
		default:
			keys.Status = KeyInactive
		}
		keys.AccessKey = lastFour(key.ID)
	}
	return keys, nil
}

// lastFour is enough of an access key id to tell a person's keys apart.
func lastFour(id string) string {
	const shown = 4
	if len(id) <= shown {
		return id
	}
	return "…" + id[len(id)-shown:]
}
