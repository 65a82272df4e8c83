package discover

import (
	"context"
	"log/slog"
	"reflect"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

const (
	// settlePause is the time between two readings that have to be the same.
	settlePause = 5 * time.Second
	// maxReadings is how many readings are made until two in a row are the same.
	maxReadings = 4
)

// settledUsers reads Users again, given a reading, until two readings in a row are the same.
// IAM is eventually consistent, and something has just changed if somebody uploads TRIGGER
// or a run for those who changed finds something: a single reading could see half of it,
// such as the group that a user was moved from, but not the one that they were moved to
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency).
// It returns Unavailable if the readings go on differing.
func (f Function) settledUsers(ctx context.Context, previous []run.User) ([]run.User, error) {
	for range maxReadings - 1 {
		select {
		case <-time.After(settlePause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		users, err := Users(ctx, f.Directory, f.Buckets)
		if err != nil {
			return nil, err
		}
		if reflect.DeepEqual(users, previous) {
			return users, nil
		}
		slog.InfoContext(ctx, "memberships or buckets are still changing")
		previous = users
	}
	return nil, errkind.Errorf(errkind.Unavailable, "memberships or buckets were different in each of %d readings", maxReadings)
}
