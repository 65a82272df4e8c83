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

// AccessKeys reads access keys in IAM, which knows no secrets.
type AccessKeys interface {
	AccessKeys(ctx context.Context, username string) ([]AccessKey, error)
}

// Keys are the user's AWS keys in Parameter Store.
type Keys struct {
	// Stored is whether both are there. If not, Problem says what is missing.
	Stored  bool   `json:"stored"`
	Problem string `json:"problem,omitempty"`
	// AccessKey is the end of the access key id, if IAM has it for the user.
	AccessKey     string    `json:"accessKey,omitempty"`
	Status        KeyStatus `json:"status,omitempty"`
	StatusProblem string    `json:"statusProblem,omitempty"`
}

// KeyStatus is the status in IAM of the access key in Parameter Store.
type KeyStatus string

// The statuses.
const (
	KeyActive   KeyStatus = "active"
	KeyInactive KeyStatus = "inactive"
	// KeyOfOtherUser means that the user has no such access key.
	KeyOfOtherUser KeyStatus = "of_other_user"
	KeyUnknown     KeyStatus = "unknown"
)

func (x Explainer) explainKeys(ctx context.Context, username string) (Keys, error) {
	stored, err := x.Syncer.Keys.Keys(ctx, username)
	if errkind.Of(err) == errkind.KeysMissing {
		return Keys{Problem: err.Error()}, nil
	}
	if err != nil {
		return Keys{}, fmt.Errorf("read the keys of %s: %w", username, err)
	}
	keys := Keys{Stored: true, Status: KeyOfOtherUser}
	known, err := x.AccessKeys.AccessKeys(ctx, username)
	if err != nil {
		// No sync needs this permission, so the explanation does without.
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

// lastFour returns enough of an access key id to recognize it.
func lastFour(id string) string {
	if len(id) <= 4 {
		return id
	}
	return "…" + id[len(id)-4:]
}
