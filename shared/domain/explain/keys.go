package explain

import (
	"context"
	"fmt"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Keys are the user's AWS keys in Parameter Store.
type Keys struct {
	// Stored is whether both are there. If not, Problem says what is missing.
	Stored  bool   `json:"stored"`
	Problem string `json:"problem,omitempty"`
	// AccessKey is the end of the access key id, if IAM has it for the user.
	AccessKey     string           `json:"accessKey,omitempty"`
	Status        access.KeyStatus `json:"status,omitempty"`
	StatusProblem string           `json:"statusProblem,omitempty"`
	// NotNeeded reports whether the server needs no keys of users; nothing else is known
	// of them then.
	NotNeeded bool `json:"notNeeded,omitempty"`
}

func (x Explainer) explainKeys(ctx context.Context, username string) (Keys, error) {
	stored, err := x.Keys.Keys(ctx, username)
	if errkind.Of(err) == errkind.KeysMissing {
		return Keys{Problem: err.Error()}, nil
	}
	if err != nil {
		return Keys{}, fmt.Errorf("read the keys of %s: %w", username, err)
	}
	keys := Keys{Stored: true, Status: access.KeyOfOtherUser}
	known, err := x.AccessKeys.AccessKeys(ctx, username)
	if err != nil {
		// No sync needs this permission, so the explanation does without.
		keys.Status, keys.StatusProblem = access.KeyUnknown, err.Error()
		return keys, nil
	}
	for _, key := range known {
		switch {
		case key.ID != stored.ID:
			continue
		case key.Active:
			keys.Status = access.KeyActive
		default:
			keys.Status = access.KeyInactive
		}
		keys.AccessKey = access.LastFour(key.ID)
	}
	return keys, nil
}
