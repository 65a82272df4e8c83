// Package explain finds out why one person reaches what they reach, from the
// tag of their IAM user to the paths of their SFTPGo account.
package explain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/stack"
)

// Explanation is all that decides what one person reaches. It holds no secret,
// and of access key ids only their ends.
type Explanation struct {
	Username string `json:"username"`
	// Email is the tag that names the SFTPGo account; empty without one.
	Email string `json:"email"`
	// SharedWith are other IAM users with the same tag, which keeps all of
	// them from being synced.
	SharedWith []string `json:"sharedWith"`
	Groups     []Group  `json:"groups"`
	Stacks     []Stack  `json:"stacks"`
	Keys       Keys     `json:"keys"`
	Account    Account  `json:"account"`
	// Sync is what a sync would come to now.
	Sync run.Result `json:"sync"`
}

// Group is an IAM group that the person is in.
type Group struct {
	Name string `json:"name"`
	// Stack is the stack that it gives; empty for a group that is ignored.
	Stack string `json:"stack,omitempty"`
	// Ignored says why the group gives nothing.
	Ignored string `json:"ignored,omitempty"`
}

// Stack is a stack that the person's groups give.
type Stack struct {
	Name    string       `json:"name"`
	Buckets []run.Bucket `json:"buckets"`
	// Replicas are its replication copies, which nobody is shown.
	Replicas []string `json:"replicas,omitempty"`
}

// Account is the person's SFTPGo account.
type Account struct {
	Exists bool   `json:"exists"`
	Paths  []Path `json:"paths"`
}

// Path is one path of the account, as it is and as it should be.
type Path struct {
	Path   string `json:"path"`
	Bucket string `json:"bucket,omitempty"`
	Folder string `json:"folder,omitempty"`
	// AccessKey is the end of the access key id that the folder has.
	AccessKey string             `json:"accessKey,omitempty"`
	Actual    []string           `json:"actual"`
	Expected  []string           `json:"expected"`
	Status    account.PathStatus `json:"status"`
}

// Explainer are where an explanation comes from.
type Explainer struct {
	Directory  discover.UserDirectory
	Buckets    discover.BucketLister
	AccessKeys AccessKeys
	Syncer     account.Syncer
}

// Explain explains the IAM user of that name, or the one whose Email tag it is.
// It is NotEligible when there is none.
func (s Explainer) Explain(ctx context.Context, name string) (Explanation, error) {
	members, err := s.Directory.IAMUsers(ctx)
	if err != nil {
		return Explanation{}, fmt.Errorf("read IAM users: %w", err)
	}
	member, err := find(members, name)
	if err != nil {
		return Explanation{}, err
	}
	buckets, err := s.Buckets.Buckets(ctx, func(name string) bool {
		_, ok := stack.OfGroup(name) // replication copies too
		return ok
	})
	if err != nil {
		return Explanation{}, fmt.Errorf("read buckets: %w", err)
	}
	slices.SortFunc(buckets, func(a, b run.Bucket) int { return strings.Compare(a.Name, b.Name) })
	users, err := discover.Users(ctx, snapshot{members: members}, snapshot{buckets: buckets})
	if err != nil {
		return Explanation{}, err
	}
	user := users[slices.IndexFunc(users, func(u run.User) bool { return u.Username == member.Username })]
	e := Explanation{
		Username:   user.Username,
		Email:      user.Email,
		SharedWith: append([]string{}, user.SharedWith...),
		Groups:     groups(member),
		Stacks:     stacks(user, buckets),
		Account:    Account{Paths: []Path{}},
	}
	if e.Keys, err = s.keys(ctx, user.Username); err != nil {
		return Explanation{}, err
	}
	if err := s.compare(ctx, user, &e); err != nil {
		return Explanation{}, err
	}
	return e, nil
}

// compare looks at the account.
func (s Explainer) compare(ctx context.Context, user run.User, e *Explanation) error {
	result, err := s.Syncer.Sync(ctx, user, true)
	if err != nil {
		result = run.FailedResult(user, err)
	}
	e.Sync = result
	if user.Email == "" {
		return nil
	}
	have, plan, err := s.Syncer.Preview(ctx, user)
	if errors.Is(err, account.ErrNoAccount) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the SFTPGo account: %w", err)
	}
	e.Account.Exists = true
	for _, p := range plan.Paths(have) {
		e.Account.Paths = append(e.Account.Paths, Path{
			Path: p.Path, Bucket: p.Bucket, Folder: p.Folder, AccessKey: lastFour(p.AccessKeyID),
			Actual: append([]string{}, p.Actual...), Expected: append([]string{}, p.Expected...), Status: p.Status,
		})
	}
	e.Account.addBlocked(user)
	return nil
}

// addBlocked adds the paths of buckets that a sync would not give now, for want
// of keys or because something stands in the way.
func (a *Account) addBlocked(user run.User) {
	for _, bucket := range user.Buckets {
		path := account.Spec{Bucket: bucket.Name}.Path()
		if !slices.ContainsFunc(a.Paths, func(p Path) bool { return p.Path == path }) {
			a.Paths = append(a.Paths, Path{
				Path: path, Bucket: bucket.Name, Actual: []string{}, Expected: account.BucketPermissions(bucket.Name), Status: account.Missing,
			})
		}
	}
	slices.SortFunc(a.Paths, func(a, b Path) int { return strings.Compare(a.Path, b.Path) })
}

func find(members []discover.IAMUser, name string) (discover.IAMUser, error) {
	for _, same := range []func(discover.IAMUser) bool{
		func(m discover.IAMUser) bool { return m.Username == name },
		func(m discover.IAMUser) bool { return strings.EqualFold(strings.TrimSpace(m.Email), name) },
	} {
		if i := slices.IndexFunc(members, same); i >= 0 && name != "" {
			return members[i], nil
		}
	}
	return discover.IAMUser{}, errkind.Errorf(errkind.NotEligible,
		"there is no IAM user %q, and none with that Email tag; usernames are compared with case", name)
}

func groups(member discover.IAMUser) []Group {
	groups := []Group{}
	for _, name := range slices.Sorted(slices.Values(member.Groups)) {
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

func stacks(user run.User, buckets []run.Bucket) []Stack {
	stacks := []Stack{}
	for _, name := range user.Stacks {
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

// snapshot is what has been snapshot already.
type snapshot struct {
	members []discover.IAMUser
	buckets []run.Bucket
}

var (
	_ discover.UserDirectory = snapshot{}
	_ discover.BucketLister  = snapshot{}
)

func (r snapshot) IAMUsers(context.Context) ([]discover.IAMUser, error) { return r.members, nil }

func (r snapshot) Buckets(_ context.Context, wanted func(name string) bool) ([]run.Bucket, error) {
	return slices.DeleteFunc(slices.Clone(r.buckets), func(b run.Bucket) bool { return !wanted(b.Name) }), nil
}
