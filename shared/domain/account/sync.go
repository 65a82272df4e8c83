package account

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Syncer makes SFTPGo accounts follow their users' memberships.
type Syncer struct {
	Accounts     Accounts
	FolderReader FolderReader
	FolderWriter FolderWriter
	Keys         KeyStore
	// S3Endpoint is where SFTPGo finds the buckets, if not at AWS.
	S3Endpoint string
}

// Sync makes one account right, or in a dry run says what it would do. The
// result's outcome is never Failed: a failure is an error instead, of a kind
// that says what mends it.
//
// An account that is right already costs two calls, one to SFTPGo and one to
// Parameter Store, and no write. What has to go goes first and also when
// something else fails, so that no mishap keeps access alive.
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
		reason := "no SFTPGo account of that name"
		if why := user.IneligibleReason(); why != "" {
			reason = why
		}
		return skipped(result, reason), nil
	}
	if err != nil {
		return result, fmt.Errorf("read the SFTPGo account: %w", serverError{err})
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
		return result, serverError{err}
	}
	if err := plan.blocked(); err != nil {
		return result, err
	}
	return describe(result, user, plan), nil
}

// serverError marks an error as one of SFTPGo's.
type serverError struct{ error }

func (e serverError) Unwrap() error { return e.error }

// plan reads the user's keys where they matter, and compares.
func (s Syncer) plan(ctx context.Context, account *Account, user run.User) (Plan, error) {
	bare := Compare(account, user, nil, s.S3Endpoint)
	if len(user.Buckets) == 0 && len(bare.Buckets) == 0 {
		return bare, nil
	}
	keys, err := s.Keys.Keys(ctx, user.Username)
	if errkind.Of(err) == errkind.KeysMissing {
		bare.Blocked = err
		return bare, nil
	}
	if err != nil {
		return Plan{}, fmt.Errorf("read the keys of %s: %w", user.Username, err)
	}
	plan := Compare(account, user, &keys, s.S3Endpoint)
	plan.keys = keys
	return plan, nil
}

// blocked tells why the user does not get everything, and what went all the same.
func (p Plan) blocked() error {
	if p.Blocked == nil || len(p.Remove) == 0 {
		return p.Blocked
	}
	return fmt.Errorf("%w (taken away all the same: %s)", p.Blocked, strings.Join(buckets(p.Remove), ", "))
}
