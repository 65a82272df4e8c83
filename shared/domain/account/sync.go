package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Syncer syncs SFTPGo accounts with the stacks of their IAM users.
type Syncer struct {
	Accounts     Accounts
	FolderReader FolderReader
	FolderWriter FolderWriter
	Keys         KeyStore
	// S3Endpoint is that of an S3-compatible store; empty for AWS.
	S3Endpoint string
}

// Sync writes what differs in the account of a user, or in a dry run returns what
// it would write. It returns an error instead of a Failed result; the error's
// kind says what to do about it.
//
// An account that is in sync costs two calls, one to SFTPGo and one to Parameter
// Store, and no write. Removals come first, and also if something else fails, so
// that a failure does not prolong access.
func (s Syncer) Sync(ctx context.Context, user run.User, dryRun bool) (run.Result, error) {
	result := run.Result{Username: user.Username, Email: user.Email}
	if user.Email == "" {
		return skipped(result, user.IneligibleReason()), nil
	}
	if len(user.SharedWith) > 0 {
		return result, errkind.Errorf(errkind.Conflict,
			"the Email tag %s is also that of %s; one SFTPGo account can follow only one IAM user, so change or remove one of the tags",
			user.Email, strings.Join(user.SharedWith, ", "))
	}
	account, err := s.Accounts.Account(ctx, user.Email)
	if errors.Is(err, ErrNoAccount) {
		return skipped(result, cmp.Or(user.IneligibleReason(), "no SFTPGo account of that name")), nil
	}
	if err != nil {
		return result, fmt.Errorf("read the SFTPGo account: %w", sftpgoError{err})
	}
	plan, err := s.plan(ctx, account, user)
	if err != nil {
		return result, err
	}
	if dryRun {
		if plan.Blocked != nil {
			return result, plan.Blocked
		}
		return describe(result, user, plan), nil
	}
	if err := s.apply(ctx, account, plan); err != nil {
		return result, sftpgoError{err}
	}
	if plan.Blocked != nil {
		return result, plan.blockedAfterRemovals()
	}
	return describe(result, user, plan), nil
}

// sftpgoError marks an error as returned by the SFTPGo server.
type sftpgoError struct{ error }

func (e sftpgoError) Unwrap() error { return e.error }

// plan compares the account with the user. It reads the user's keys only if the
// account is to show a bucket; if they are missing, it plans only removals.
func (s Syncer) plan(ctx context.Context, account *Account, user run.User) (Plan, error) {
	removals := Compare(account, user, nil, s.S3Endpoint)
	if len(user.Buckets) == 0 && len(removals.Buckets) == 0 {
		return removals, nil
	}
	keys, err := s.Keys.Keys(ctx, user.Username)
	if errkind.Of(err) == errkind.KeysMissing {
		removals.Blocked = err
		return removals, nil
	}
	if err != nil {
		return Plan{}, fmt.Errorf("read the keys of %s: %w", user.Username, err)
	}
	plan := Compare(account, user, &keys, s.S3Endpoint)
	plan.keys = keys
	return plan, nil
}

// blockedAfterRemovals returns Blocked with the buckets that were removed
// nevertheless.
func (p Plan) blockedAfterRemovals() error {
	if len(p.Remove) == 0 {
		return p.Blocked
	}
	return fmt.Errorf("%w (removed nevertheless: %s)", p.Blocked, strings.Join(bucketNames(p.Remove), ", "))
}
