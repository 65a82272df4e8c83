// Package explain finds out why a user reaches what they reach, from the Email tag in
// IAM to the paths of the account on the SFTP server.
package explain

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/stack"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// Explanation is all that decides what a user reaches. It contains no secret, and only
// the last characters of access key ids.
type Explanation struct {
	Username string `json:"username"`
	// Email is the tag that names the account; empty without one.
	Email string `json:"email"`
	// SharedWith are other IAM users with the same tag; none of them is synced.
	SharedWith []string `json:"sharedWith"`
	Groups     []Group  `json:"groups"`
	Stacks     []Stack  `json:"stacks"`
	Keys       Keys     `json:"keys"`
	Account    Account  `json:"account"`
	// Sync is the result that a sync would have now.
	Sync run.Result `json:"sync"`
}

// Group is an IAM group of the user.
type Group struct {
	Name string `json:"name"`
	// Stack is the stack that it gives; empty if the group is ignored.
	Stack   string `json:"stack,omitempty"`
	Ignored string `json:"ignored,omitempty"`
}

// Stack is a stack that the user's groups give.
type Stack struct {
	Name    string       `json:"name"`
	Buckets []run.Bucket `json:"buckets"`
	// Replicas are its replication copies, which no account shows.
	Replicas []string `json:"replicas,omitempty"`
}

// Account is the user's account on the SFTP server.
type Account struct {
	Exists bool   `json:"exists"`
	Paths  []Path `json:"paths"`
}

// Path is a path of the account, as it is and as it should be.
type Path struct {
	Path   string `json:"path"`
	Bucket string `json:"bucket,omitempty"`
	Folder string `json:"folder,omitempty"`
	// AccessKey is the end of the folder's access key id.
	AccessKey string              `json:"accessKey,omitempty"`
	Actual    []string            `json:"actual"`
	Expected  []string            `json:"expected"`
	Status    syncuser.PathStatus `json:"status"`
}

// Explainer explains users.
type Explainer struct {
	Directory  discover.UserDirectory
	Buckets    discover.BucketLister
	AccessKeys access.AccessKeys
	Server     Server
	// Keys reads the keys with which the server reaches buckets; nil for a server that
	// needs none.
	Keys account.KeyStore
}

// Server is the SFTP server that the user's account is on.
type Server interface {
	// SyncUser syncs the event's user, or in a dry run returns what it would do.
	SyncUser(ctx context.Context, event syncuser.Event) (run.Result, error)
	// Paths returns the paths of a user's account as they are and as they should be;
	// false if there is no account.
	Paths(ctx context.Context, user run.User) (paths []syncuser.Path, found bool, err error)
}

// Explain explains the IAM user of that name, or the one with that Email tag. It
// returns NotEligible if there is none.
func (x Explainer) Explain(ctx context.Context, name string) (Explanation, error) {
	iamUsers, err := x.Directory.IAMUsers(ctx)
	if err != nil {
		return Explanation{}, fmt.Errorf("read IAM users: %w", err)
	}
	iamUser, err := find(iamUsers, name)
	if err != nil {
		return Explanation{}, err
	}
	buckets, err := x.Buckets.Buckets(ctx, func(name string) bool {
		_, ok := stack.OfGroup(name) // unlike OfBucket, of replication copies too
		return ok
	})
	if err != nil {
		return Explanation{}, fmt.Errorf("read buckets: %w", err)
	}
	slices.SortFunc(buckets, func(a, b run.Bucket) int { return strings.Compare(a.Name, b.Name) })
	users, err := discover.Combine(iamUsers, buckets)
	if err != nil {
		return Explanation{}, err
	}
	user := users[slices.IndexFunc(users, func(u run.User) bool { return u.Username == iamUser.Username })]
	e := Explanation{
		Username:   user.Username,
		Email:      user.Email,
		SharedWith: append([]string{}, user.SharedWith...),
		Groups:     explainGroups(iamUser.Groups),
		Stacks:     explainStacks(user.Stacks, buckets),
		Account:    Account{Paths: []Path{}},
	}
	if x.Keys == nil {
		e.Keys.NotNeeded = true
	} else if e.Keys, err = x.explainKeys(ctx, user.Username); err != nil {
		return Explanation{}, err
	}
	if err := x.explainAccount(ctx, user, &e); err != nil {
		return Explanation{}, err
	}
	return e, nil
}

// explainAccount sets the explanation's Account and Sync.
func (x Explainer) explainAccount(ctx context.Context, user run.User, e *Explanation) error {
	var err error
	if e.Sync, err = x.Server.SyncUser(ctx, syncuser.Event{User: user, DryRun: true}); err != nil {
		e.Sync = run.FailedResult(user, err)
	}
	if user.Email == "" {
		return nil
	}
	// The paths show what the user should have, whoever else has the tag.
	user.SharedWith = nil
	paths, found, err := x.Server.Paths(ctx, user)
	if err != nil || !found {
		return err
	}
	e.Account.Exists = true
	for _, p := range paths {
		e.Account.Paths = append(e.Account.Paths, Path{
			Path: p.Path, Bucket: p.Bucket, Folder: p.Folder, AccessKey: access.LastFour(p.AccessKeyID),
			Actual: append([]string{}, p.Actual...), Expected: append([]string{}, p.Expected...), Status: p.Status,
		})
	}
	e.Account.addBlocked(user)
	return nil
}

// addBlocked adds the paths of buckets that a sync can't show now, because keys are
// missing or another folder is in the way.
func (a *Account) addBlocked(user run.User) {
	for _, bucket := range user.Buckets {
		path := "/" + bucket.Name
		if !slices.ContainsFunc(a.Paths, func(p Path) bool { return p.Path == path }) {
			a.Paths = append(a.Paths, Path{
				Path: path, Bucket: bucket.Name, Actual: []string{}, Expected: syncuser.BucketPermissions(bucket.Name), Status: syncuser.Missing,
			})
		}
	}
	slices.SortFunc(a.Paths, func(a, b Path) int { return strings.Compare(a.Path, b.Path) })
}

// find prefers the username over the Email tag.
func find(users []discover.IAMUser, name string) (discover.IAMUser, error) {
	i := slices.IndexFunc(users, func(u discover.IAMUser) bool { return u.Username == name })
	if i < 0 {
		i = slices.IndexFunc(users, func(u discover.IAMUser) bool { return strings.EqualFold(strings.TrimSpace(u.Email), name) })
	}
	if i < 0 || name == "" {
		return discover.IAMUser{}, errkind.Errorf(errkind.NotEligible,
			"there is no IAM user %q, and none with that Email tag; usernames are compared with case", name)
	}
	return users[i], nil
}

func explainGroups(names []string) []Group {
	groups := []Group{}
	for _, name := range slices.Sorted(slices.Values(names)) {
		group := Group{Name: name}
		if of, ok := stack.OfGroup(name); ok {
			group.Stack = of
		} else {
			group.Ignored = "it is not named <org>-<env>-<role> in small letters and digits, so it belongs to no stack"
		}
		groups = append(groups, group)
	}
	return groups
}

func explainStacks(names []stack.Name, buckets []run.Bucket) []Stack {
	stacks := []Stack{}
	for _, name := range names {
		s := Stack{Name: name, Buckets: []run.Bucket{}}
		for _, bucket := range buckets {
			if of, _ := stack.OfGroup(bucket.Name); of != name {
				continue
			}
			if _, ok := stack.OfBucket(bucket.Name); ok {
				s.Buckets = append(s.Buckets, bucket)
			} else {
				s.Replicas = append(s.Replicas, bucket.Name)
			}
		}
		stacks = append(stacks, s)
	}
	return stacks
}
