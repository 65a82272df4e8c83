// Package discover finds who there is and what each of them should reach.
package discover

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/stack"
)

// IAMUser is an IAM user as the account has it.
type IAMUser struct {
	Username string
	// Email is the value of the tag of that name; empty without one.
	Email string
	// Groups are the names of the groups that the user is in.
	Groups []string
}

// UserDirectory reads memberships.
type UserDirectory interface {
	// IAMUsers gives every IAM user of the account, or an error if any part
	// of them could not be read.
	IAMUsers(ctx context.Context) ([]IAMUser, error)
}

// BucketLister reads buckets.
type BucketLister interface {
	// Buckets gives every bucket of the account that is wanted, each with its
	// region, or an error if any part of them could not be read.
	Buckets(ctx context.Context, wanted func(name string) bool) ([]run.Bucket, error)
}

// Users reads memberships and buckets and gives every IAM user, in order of
// name, with what their SFTPGo account should show. Without any user or any
// stack bucket it is IncompleteReading, for then it looks as if everybody had
// lost everything.
func Users(ctx context.Context, directory UserDirectory, buckets BucketLister) ([]run.User, error) {
	members, err := directory.IAMUsers(ctx)
	if err != nil {
		return nil, fmt.Errorf("read IAM users: %w", err)
	}
	if len(members) == 0 {
		return nil, errkind.Errorf(errkind.IncompleteReading, "IAM shows no user at all, so nothing was changed")
	}
	byStack, err := bucketsByStack(ctx, buckets)
	if err != nil {
		return nil, err
	}
	users := make([]run.User, 0, len(members))
	for _, m := range members {
		users = append(users, user(m, byStack))
	}
	resolveEmails(users)
	slices.SortFunc(users, func(a, b run.User) int { return strings.Compare(a.Username, b.Username) })
	return users, nil
}

func bucketsByStack(ctx context.Context, buckets BucketLister) (map[stack.Name][]run.Bucket, error) {
	all, err := buckets.Buckets(ctx, func(name string) bool {
		_, ok := stack.OfBucket(name)
		return ok
	})
	if err != nil {
		return nil, fmt.Errorf("read buckets: %w", err)
	}
	if len(all) == 0 {
		return nil, errkind.Errorf(errkind.IncompleteReading, "S3 shows no stack's bucket at all, so nothing was changed")
	}
	byStack := map[stack.Name][]run.Bucket{}
	for _, bucket := range all {
		if name, ok := stack.OfBucket(bucket.Name); ok {
			byStack[name] = append(byStack[name], bucket)
		}
	}
	return byStack, nil
}

func user(m IAMUser, byStack map[stack.Name][]run.Bucket) run.User {
	u := run.User{
		Username: m.Username,
		Email:    strings.TrimSpace(m.Email),
		Stacks:   stack.OfGroups(m.Groups),
	}
	for _, name := range u.Stacks {
		u.Buckets = append(u.Buckets, byStack[name]...)
	}
	slices.SortFunc(u.Buckets, func(a, b run.Bucket) int { return strings.Compare(a.Name, b.Name) })
	return u
}

// resolveEmails gives each account its key, and marks the users that claim one
// account together. Case is ignored in both, because a server may ignore it.
func resolveEmails(users []run.User) {
	owners := map[string][]string{}   // e-mail -> IAM users
	accounts := map[string][]string{} // key -> e-mails
	for _, u := range users {
		if u.Email == "" {
			continue
		}
		email := strings.ToLower(u.Email)
		if owners[email] == nil {
			key := stack.Key(email)
			accounts[key] = append(accounts[key], email)
		}
		owners[email] = append(owners[email], u.Username)
	}
	for i := range users {
		u := &users[i]
		if u.Email == "" {
			continue
		}
		email := strings.ToLower(u.Email)
		u.Key = stack.Key(u.Email)
		if len(accounts[stack.Key(email)]) > 1 {
			u.Key = stack.UniqueKey(u.Email)
		}
		for _, other := range owners[email] {
			if other != u.Username {
				u.SharedWith = append(u.SharedWith, other)
			}
		}
		slices.Sort(u.SharedWith)
	}
}

// Select narrows users to the one of that name. One who does not exist, or who
// is not eligible, is NotEligible with the reason.
func Select(users []run.User, username string) ([]run.User, error) {
	i := slices.IndexFunc(users, func(u run.User) bool { return u.Username == username })
	if i < 0 {
		return nil, errkind.Errorf(errkind.NotEligible,
			"there is no IAM user %q; names are compared with case", username)
	}
	if reason := users[i].IneligibleReason(); reason != "" {
		return nil, errkind.Errorf(errkind.NotEligible, "%s is not eligible: %s", username, reason)
	}
	return users[i : i+1], nil
}
