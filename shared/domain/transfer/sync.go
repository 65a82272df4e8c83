package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// Syncer syncs the users of a Transfer server with the stacks of their IAM users.
type Syncer struct {
	Users Users
	// SessionPolicy has session policies say what users may do. Otherwise that is left
	// to their roles, and to administrators' own session policies.
	SessionPolicy bool
	// Sessions ends sessions after something was taken away. If it is nil, they keep what
	// they began with.
	Sessions Sessions
}

// Sync writes what differs in the Transfer user of an IAM user, or in a dry run returns
// what it would write. It returns an error instead of a Failed result; the error's
// kind says what to do about it.
//
// A user who is in sync costs one call, and any other two; with Sessions, four if something
// is taken away. What has to go goes also if something else fails. If sessions can't be
// ended, that is an error, and the next sync of the user tries it again.
func (s Syncer) Sync(ctx context.Context, user run.User, dryRun bool) (run.Result, error) {
	ineligible := user.IneligibleReason()
	if user.Email == "" {
		return syncuser.Skipped(user, ineligible), nil
	}
	if !namePattern.MatchString(user.Email) {
		if ineligible != "" {
			return syncuser.Skipped(user, ineligible), nil
		}
		return run.Result{}, errkind.Errorf(errkind.NotEligible,
			"no Transfer user can be named %q: a name has 3 to 100 letters, digits and _ @ . -, and begins with a letter, a digit or _", user.Email)
	}
	current, err := s.Users.User(ctx, user.Email)
	if errors.Is(err, ErrNoUser) && len(user.SharedWith) > 0 {
		return run.Result{}, sharedTag(user)
	}
	if errors.Is(err, ErrNoUser) {
		return syncuser.Skipped(user, cmp.Or(ineligible, "no Transfer user of that name")), nil
	}
	if err != nil {
		return run.Result{}, fmt.Errorf("read the Transfer user: %w", syncuser.ServerError{Err: err})
	}
	plan := s.plan(current, user)
	if dryRun {
		if plan.Blocked != nil {
			return run.Result{}, plan.Blocked
		}
		return plan.changes(current).Result(user), nil
	}
	if !plan.Update.empty() {
		if err := s.Users.UpdateUser(ctx, current, plan.Update); err != nil {
			return run.Result{}, fmt.Errorf("write the Transfer user: %w", syncuser.ServerError{Err: err})
		}
	}
	if plan.EndSessions {
		if err := s.endSessions(ctx, current, plan); err != nil {
			return run.Result{}, err
		}
	}
	if plan.Blocked != nil {
		return run.Result{}, run.AfterRemovals(plan.Blocked, plan.Removed)
	}
	return plan.changes(current).Result(user), nil
}

// endSessions ends the sessions of a user's role, and then writes AfterSessions. An error
// begins with the buckets that were removed, because a workflow keeps only its beginning.
func (s Syncer) endSessions(ctx context.Context, current *User, plan Plan) error {
	if err := s.Sessions.EndSessions(ctx, current.Role); err != nil {
		return fmt.Errorf("%w, and each run tries again: %w", run.AfterRemovals(errOpenSessions, plan.Removed), err)
	}
	if plan.AfterSessions.empty() {
		return nil
	}
	if err := s.Users.UpdateUser(ctx, current, plan.AfterSessions); err != nil {
		return fmt.Errorf("%w: write the Transfer user: %w", run.AfterRemovals(errMarked, plan.Removed), syncuser.ServerError{Err: err})
	}
	return nil
}

var (
	errOpenSessions = errors.New("open sessions live on, only logins show what they should")
	errMarked       = errors.New("open sessions ended, but the next run will end them again")
)

func sharedTag(user run.User) error { return syncuser.SharedTag(user, "Transfer user") }
