package discover

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"

	"github.com/digipres/sync-users/shared/domain/losses"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/snapshot"
)

// selectUsers returns the users of a run that is not about one of them, given all: with
// the accounts that nobody claims, and in a run for those who changed without the rest;
// keysChanged are the usernames of those whose keys changed.
//
// A run for those who changed that would take access from somebody reads all again first;
// see settledUsers.
//
// It returns TooManyLosses if many people would lose access, counted among all users and
// not only those selected. A dry run notes that in the metadata, and goes on.
func (f Function) selectUsers(ctx context.Context, event Event, request run.Request, users []run.User, keysChanged map[string]bool, metadata *run.Metadata) ([]run.User, error) {
	before, tooMany := snapshot.Load(ctx, f.Runs, f.RunsBucket)
	if tooMany != nil && !errors.Is(tooMany, snapshot.ErrDamaged) {
		return nil, tooMany
	}
	if request.ChangedOnly && before != nil && len(losses.Find(*before, users)) > 0 {
		var err error
		if users, err = f.settledUsers(ctx, users); err != nil {
			return nil, err
		}
	}
	listed, err := f.readListing(ctx, event, request, metadata)
	if err != nil {
		return nil, err
	}
	users = append(users, Unclaimed(before, listed, users)...)
	switch {
	case tooMany != nil:
		tooMany = losses.Unknown(tooMany)
	case before != nil:
		tooMany = losses.Check(f.MaxLosses, *before, users)
	}
	if request.ChangedOnly {
		users = before.Changed(users, keysChanged)
		if may, err := f.mayTry(ctx, event, request, users, len(keysChanged) > 0); err != nil || !may {
			return nil, err
		}
	}
	switch {
	case tooMany != nil && request.DryRun:
		metadata.TooManyLosses = tooMany.Error()
	case tooMany != nil && request.AcceptLosses:
		slog.WarnContext(ctx, "losses accepted", "reason", tooMany.Error())
	case tooMany != nil:
		return nil, tooMany
	}
	return users, nil
}

// Unclaimed returns the accounts, in order of name, that none of the users has as theirs,
// and that had access after the last runs or are listed as showing folders of this
// program.
func Unclaimed(before *snapshot.Snapshot, listed []string, users []run.User) []run.User {
	found := map[string]run.User{} // by account
	add := func(email string) {
		found[run.AccountName(email)] = run.User{Email: email, AccountTag: users[0].AccountTag}
	}
	if before != nil {
		for _, account := range before.Unclaimed(users) {
			add(account.Email)
		}
	}
	for _, email := range listed { // The server has an account's own spelling.
		add(email)
	}
	for _, user := range users {
		delete(found, user.Account())
	}
	leavers := make([]run.User, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		leavers = append(leavers, found[name])
	}
	return leavers
}
