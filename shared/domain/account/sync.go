package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// Syncer syncs SFTPGo accounts with the stacks of their IAM users.
type Syncer struct {
	Accounts     Accounts
	FolderReader FolderReader
	FolderWriter FolderWriter
	Keys         KeyStore
	// Connections is how many requests a sync makes to SFTPGo at a time; 0 means 1.
	Connections int
	// S3Endpoint is that of an S3-compatible store; empty for AWS.
	S3Endpoint string
	// RefreshKeys asks for the keys of every folder to be written, even if they
	// are current as far as can be told.
	RefreshKeys bool
}

// Sync writes what differs in the account of a user, or in a dry run returns what
// it would write. It returns an error instead of a Failed result; the error's
// kind says what to do about it.
//
// An account that is in sync costs two calls at once, one to SFTPGo and one to Parameter
// Store, and no write. Removals come first, and also if something else fails, so
// that a failure does not prolong access.
func (s Syncer) Sync(ctx context.Context, user run.User, dryRun bool) (run.Result, error) {
	if user.Email == "" {
		return syncuser.Skipped(user, user.IneligibleReason()), nil
	}
	account, plan, err := s.Preview(ctx, user)
	if errors.Is(err, ErrNoAccount) && len(user.SharedWith) > 0 {
		return run.Result{}, sharedTag(user)
	}
	if errors.Is(err, ErrNoAccount) {
		return syncuser.Skipped(user, cmp.Or(user.IneligibleReason(), "no SFTPGo account of that name")), nil
	}
	if err != nil {
		return run.Result{}, err
	}
	if dryRun {
		if plan.Blocked != nil {
			return run.Result{}, plan.Blocked
		}
		return describe(user, plan), nil
	}
	if err := s.apply(ctx, account.Username, plan); err != nil {
		return run.Result{}, syncuser.ServerError{Err: err}
	}
	if plan.Blocked != nil {
		return run.Result{}, run.AfterRemovals(plan.Blocked, bucketNames(plan.Remove))
	}
	return describe(user, plan), nil
}

// Preview reads the account and, at the same time, the keys of a user who has buckets. It
// returns the account with the plan that Sync would apply. Its errors are those of Sync,
// and ErrNoAccount.
func (s Syncer) Preview(ctx context.Context, user run.User) (*Account, Plan, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	keys := sync.OnceValues(func() (Keys, error) { return s.Keys.Keys(ctx, user.Username) })
	if len(user.Buckets) > 0 && len(user.SharedWith) == 0 {
		go func() { _, _ = keys() }()
	}
	account, err := s.Accounts.Account(ctx, user.Email)
	if err != nil {
		return nil, Plan{}, fmt.Errorf("read the SFTPGo account: %w", syncuser.ServerError{Err: err})
	}
	plan, err := s.plan(account, user, keys)
	return account, plan, err
}

// plan compares the account with the user. It asks for the user's keys only if the
// account is to show a bucket. If they can't be had, or other users have the same
// Email tag, it plans only removals.
func (s Syncer) plan(account *Account, user run.User, readKeys func() (Keys, error)) (Plan, error) {
	if len(user.SharedWith) > 0 {
		return s.planShared(account, user), nil
	}
	removals := s.compare(account, user, nil)
	if len(user.Buckets) == 0 && len(removals.Buckets) == 0 {
		return removals, nil
	}
	keys, err := readKeys()
	if err == nil {
		return s.compare(account, user, &keys), nil
	}
	if kind := errkind.Of(err); kind != errkind.KeysMissing {
		err = fmt.Errorf("read the keys of %s: %w", user.Username, err)
		if kind.Retried() {
			return Plan{}, err
		}
	}
	removals.Blocked = err
	return removals, nil
}

// planShared plans the removal of what none of the users with the same Email tag
// should have. All of them may do that at the same time, because the edit of an
// account that has been made already changes nothing.
func (s Syncer) planShared(account *Account, user run.User) Plan {
	var plan Plan
	// A run that an earlier version started has no shared access in its items.
	if user.Shared != nil {
		plan = s.compare(account, user.WithSharedAccess(), nil)
	}
	plan.Blocked = sharedTag(user)
	return plan
}

func sharedTag(user run.User) error { return syncuser.SharedTag(user, "SFTPGo account") }
