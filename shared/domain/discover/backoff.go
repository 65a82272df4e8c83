package discover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/snapshot"
)

// attemptKey is the key of the last attempt in the runs bucket.
const attemptKey = "changes.json"

// attempt is what the scheduled runs for those who changed tried last.
type attempt struct {
	// Users is a hash of the users and of what they should have.
	Users string `json:"users"`
	// Tries counts the attempts for the same users.
	Tries int       `json:"tries"`
	At    time.Time `json:"at"`
}

// The pauses between attempts for the same users, which failed before.
const (
	firstPause   = 10 * time.Minute
	longestPause = 24 * time.Hour
)

// next returns when the same users are tried again: at once after the first attempt, and
// then after pauses that double.
func (a attempt) next() time.Time {
	pause := time.Duration(0)
	for range a.Tries - 1 {
		pause = min(max(2*pause, firstPause), longestPause)
	}
	return a.At.Add(pause)
}

// mayTry reports whether a run for those who changed should sync these users, or end. A
// scheduled one ends if earlier ones tried to do just the same, and no pause is over yet:
// whoever can't be synced would otherwise be mailed every few minutes. Of a run that
// somebody started, and if keys changed, it is always true.
func (f Function) mayTry(ctx context.Context, event Event, request run.Request, users []run.User, keysChanged bool) (bool, error) {
	if len(users) == 0 || keysChanged || request.DryRun || !strings.HasPrefix(event.Execution, run.ChangedOnlyPrefix) {
		return true, nil
	}
	last, err := f.loadAttempt(ctx)
	if err != nil {
		return false, err
	}
	this := attempt{Users: snapshot.HashAll(users), Tries: 1, At: event.StartedAt}
	if last.Users == this.Users {
		if next := last.next(); this.At.Before(next) {
			slog.InfoContext(ctx, "the same changes failed before, and are tried later", "users", len(users), "next", next)
			return false, nil
		}
		this.Tries = last.Tries + 1
	}
	if _, err := f.Runs.Save(ctx, attemptKey, this); err != nil {
		return false, fmt.Errorf("save what is tried: %w", err)
	}
	return true, nil
}

// loadAttempt returns the last attempt; none if it can't be understood.
func (f Function) loadAttempt(ctx context.Context) (last attempt, err error) {
	body, err := f.Runs.Open(ctx, run.Object{Bucket: f.RunsBucket, Key: attemptKey})
	if errors.Is(err, run.ErrNoObject) {
		return attempt{}, nil
	}
	if err != nil {
		return attempt{}, fmt.Errorf("read what was tried: %w", err)
	}
	defer body.Close()
	if json.NewDecoder(body).Decode(&last) != nil {
		return attempt{}, nil
	}
	return last, nil
}
