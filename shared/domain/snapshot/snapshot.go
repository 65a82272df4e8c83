// Package snapshot keeps what the last runs gave each account and saw of it, so that a
// run can tell who has changed since, who has left, and who is about to lose access.
package snapshot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Key is the key of the snapshot in the runs bucket.
const Key = "access.json"

// ErrDamaged means that there is a snapshot, but not a readable one.
var ErrDamaged = errors.New("it is damaged")

// Snapshot is what the last runs that wrote something gave and saw. It has no secrets.
type Snapshot struct {
	// Execution is the name of the run that wrote it.
	Execution string `json:"execution"`
	// Accounts are by run.AccountName: those of the users with an Email tag, and those
	// of former users from which not everything could be taken yet.
	Accounts map[string]Account `json:"accounts"`
}

// Account is what the last run about an account gave and saw.
type Account struct {
	// Email is the tag that named the account.
	Email string `json:"email"`
	// Username is the IAM user who had the tag, or the first of several.
	Username string `json:"username,omitempty"`
	// Stacks are those that the account has access to, in order of name. After a
	// failed sync they are those from before.
	Stacks []string `json:"stacks,omitempty"`
	// Hash is that of what the account should have had; see Hashes.
	Hash string `json:"hash,omitempty"`
	// Failed is the kind of the error of the last sync; empty if it succeeded.
	Failed string `json:"failed,omitempty"`
}

// HasAccess reports whether the account has access to some stack.
func (a Account) HasAccess() bool { return len(a.Stacks) > 0 }

// Load reads the snapshot from the runs bucket of that name. It returns nil if there is
// none, and an error that is ErrDamaged if it can't be understood.
func Load(ctx context.Context, opener run.Opener, bucket string) (*Snapshot, error) {
	object := run.Object{Bucket: bucket, Key: Key}
	body, err := opener.Open(ctx, object)
	if errors.Is(err, run.ErrNoObject) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what people have: %w", err)
	}
	defer body.Close()
	var s Snapshot
	err = json.NewDecoder(body).Decode(&s)
	switch {
	case err != nil && errkind.Of(err).Retried():
		return nil, fmt.Errorf("read what people have, in s3://%s/%s: %w", object.Bucket, object.Key, err)
	case err != nil:
		return nil, fmt.Errorf("s3://%s/%s, which says what people have, can't be read: %w: %w", object.Bucket, object.Key, ErrDamaged, err)
	case s.Accounts == nil:
		return nil, fmt.Errorf("s3://%s/%s, which says what people have, can't be read: %w: it has no accounts", object.Bucket, object.Key, ErrDamaged)
	}
	return &s, nil
}

// CountWithAccess returns how many accounts have access to some stack.
func (s *Snapshot) CountWithAccess() int {
	n := 0
	for _, account := range s.Accounts {
		if account.HasAccess() {
			n++
		}
	}
	return n
}

// Unclaimed returns the accounts, in order of name, that none of the users has as theirs
// and that may still have access.
func (s *Snapshot) Unclaimed(users []run.User) []Account {
	claimed := map[string]bool{}
	for _, user := range users {
		claimed[user.Account()] = true
	}
	var unclaimed []Account
	for _, name := range slices.Sorted(maps.Keys(s.Accounts)) {
		if account := s.Accounts[name]; !claimed[name] && (account.HasAccess() || account.Failed != "") {
			unclaimed = append(unclaimed, account)
		}
	}
	return unclaimed
}

// Changed returns those of the users whose account should have other things than when
// the snapshot was taken, or could not be synced, or whose keys changed, by username, and
// all whom nobody claims. Of a nil snapshot, it returns every user with an Email tag.
// Users without one never change.
func (s *Snapshot) Changed(users []run.User, keysChanged map[string]bool) []run.User {
	if s == nil {
		s = &Snapshot{}
	}
	hashes := Hashes(users)
	return slices.DeleteFunc(slices.Clone(users), func(user run.User) bool {
		account := s.Accounts[user.Account()]
		return user.Email == "" ||
			user.Username != "" && !keysChanged[user.Username] && account.Hash == hashes[user.Account()] && account.Failed == ""
	})
}
