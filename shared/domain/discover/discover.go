// Package discover finds the IAM users and the buckets that each of them should
// have access to.
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

// IAMUser is what a run reads of an IAM user.
type IAMUser struct {
	Username string
	// Email is the value of the tag that names the account; empty without one.
	Email string
	// AccountTag is the name of that tag, unless it is Email.
	AccountTag string
	// Groups are the names of the groups that the user is in.
	Groups []string
}

// UserDirectory reads IAM users.
type UserDirectory interface {
	// IAMUsers returns every IAM user of the AWS account, or an error if any part
	// of them could not be read.
	IAMUsers(ctx context.Context) ([]IAMUser, error)
}

// BucketLister reads buckets.
type BucketLister interface {
	// Buckets returns every bucket of the AWS account whose name is wanted, with
	// its region, or an error if any part of them could not be read.
	Buckets(ctx context.Context, wanted func(name string) bool) ([]run.Bucket, error)
}

// Users reads IAM users and buckets and returns what Combine makes of them.
func Users(ctx context.Context, directory UserDirectory, buckets BucketLister) ([]run.User, error) {
	iamUsers, err := directory.IAMUsers(ctx)
	if err != nil {
		return nil, fmt.Errorf("read IAM users: %w", err)
	}
	if err := checkUsers(iamUsers); err != nil {
		return nil, err
	}
	stackBuckets, err := buckets.Buckets(ctx, IsStackBucket)
	if err != nil {
		return nil, fmt.Errorf("read buckets: %w", err)
	}
	return Combine(iamUsers, stackBuckets)
}

// IsStackBucket reports whether a bucket belongs to a stack.
func IsStackBucket(name string) bool {
	_, ok := stack.OfBucket(name)
	return ok
}

// Combine returns every user, in order of name, with the buckets that their account
// should show. It returns IncompleteReading if there is no user or no stack bucket: a
// sync would then remove every folder.
func Combine(iamUsers []IAMUser, buckets []run.Bucket) ([]run.User, error) {
	if err := checkUsers(iamUsers); err != nil {
		return nil, err
	}
	byStack := map[stack.Name][]run.Bucket{}
	for _, bucket := range buckets {
		if name, ok := stack.OfBucket(bucket.Name); ok {
			byStack[name] = append(byStack[name], bucket)
		}
	}
	if len(byStack) == 0 {
		return nil, errkind.Errorf(errkind.IncompleteReading, "S3 returned no stack buckets, so nothing was changed")
	}
	users := make([]run.User, 0, len(iamUsers))
	for _, iamUser := range iamUsers {
		users = append(users, newUser(iamUser, byStack))
	}
	slices.SortFunc(users, func(a, b run.User) int { return strings.Compare(a.Username, b.Username) })
	setKeys(users)
	setShared(users)
	return users, nil
}

func checkUsers(iamUsers []IAMUser) error {
	if len(iamUsers) == 0 {
		return errkind.Errorf(errkind.IncompleteReading, "IAM returned no users, so nothing was changed")
	}
	return nil
}

func newUser(iamUser IAMUser, byStack map[stack.Name][]run.Bucket) run.User {
	u := run.User{
		Username:   iamUser.Username,
		Email:      strings.TrimSpace(iamUser.Email),
		AccountTag: iamUser.AccountTag,
		Stacks:     stack.OfGroups(iamUser.Groups),
	}
	for _, name := range u.Stacks {
		u.Buckets = append(u.Buckets, byStack[name]...)
	}
	slices.SortFunc(u.Buckets, func(a, b run.Bucket) int { return strings.Compare(a.Name, b.Name) })
	return u
}

// setKeys sets the Key of each user with an Email tag: the UniqueKey if another
// tag has the same Key. Case is ignored, because an SFTPGo server may ignore it.
func setKeys(users []run.User) {
	emails := map[string]map[string]bool{} // by key
	for _, u := range users {
		email := u.Account()
		key := stack.Key(email)
		if emails[key] == nil {
			emails[key] = map[string]bool{}
		}
		emails[key][email] = true
	}
	for i, u := range users {
		switch {
		case u.Email == "":
		case len(emails[stack.Key(u.Account())]) > 1:
			users[i].Key = stack.UniqueKey(u.Email)
		default:
			users[i].Key = stack.Key(u.Email)
		}
	}
}

// setShared sets SharedWith and Shared of users with the same Email tag, ignoring
// case.
func setShared(users []run.User) {
	byEmail := map[string][]run.User{} // by lower-case Email tag, in order
	for _, u := range users {
		email := u.Account()
		byEmail[email] = append(byEmail[email], u)
	}
	for i, u := range users {
		claimants := byEmail[u.Account()]
		if u.Email == "" || len(claimants) == 1 {
			continue
		}
		for _, other := range claimants {
			if other.Username != u.Username {
				users[i].SharedWith = append(users[i].SharedWith, other.Username)
			}
		}
		users[i].Shared = sharedAccess(claimants)
	}
}

// sharedAccess returns what any of the users should have.
func sharedAccess(users []run.User) *run.Access {
	access := run.Access{Stacks: []string{}, Buckets: []run.Bucket{}}
	for _, u := range users {
		access.Stacks = append(access.Stacks, u.Stacks...)
		access.Buckets = append(access.Buckets, u.Buckets...)
	}
	slices.Sort(access.Stacks)
	access.Stacks = slices.Compact(access.Stacks)
	slices.SortFunc(access.Buckets, func(a, b run.Bucket) int { return strings.Compare(a.Name, b.Name) })
	access.Buckets = slices.Compact(access.Buckets)
	return &access
}

// Select returns the user of that name alone. It returns NotEligible, with the
// reason, if there is no such user or the user can't be synced.
func Select(users []run.User, username string) ([]run.User, error) {
	i := slices.IndexFunc(users, func(u run.User) bool { return u.Username == username })
	if i < 0 {
		return nil, noSuchUser(username)
	}
	if reason := users[i].IneligibleReason(); reason != "" {
		return nil, errkind.Errorf(errkind.NotEligible, "%s is not eligible: %s", username, reason)
	}
	return users[i : i+1], nil
}

func noSuchUser(username string) error {
	return errkind.Errorf(errkind.NotEligible, "there is no IAM user %q; usernames are case-sensitive", username)
}
