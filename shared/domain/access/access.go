// Package access answers who reaches which bucket over SFTP: as IAM groups say, and as
// the accounts of the SFTP server show it.
package access

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Server is the SFTP server.
type Server interface {
	// Mappings returns every bucket that an account of the server shows, or a group of
	// its accounts, or an error if any part of them could not be read. It reads lists,
	// page by page, wherever the server has one.
	Mappings(ctx context.Context) ([]Mapping, error)
}

// Mapping is a bucket that an account of the server shows, or a group of its accounts.
type Mapping struct {
	// Account is the account's name at the server. It is empty if Group is set, which
	// is a group of the server and not one of IAM.
	Account, Group string
	Bucket         string
	// Folder is the server's name of what is mapped; empty at a server that has none.
	Folder string
	// Managed reports whether this program made the mapping; otherwise an
	// administrator did.
	Managed bool
	// AccessKeyID is that of the keys with which the server reaches the bucket; empty
	// at a server that needs none.
	AccessKeyID string
}

// Status compares what somebody should reach with what they reach. The values are
// stable identifiers for machine-readable output.
type Status string

// The statuses.
const (
	// InSync: they reach what they should.
	InSync Status = "in_sync"
	// Missing: a group gives it, and the account does not show it.
	Missing Status = "missing"
	// Extra: the account shows it, and no group gives it.
	Extra Status = "extra"
	// Unmanaged: an administrator mapped it, and a sync leaves it as it is.
	Unmanaged Status = "unmanaged"
	// NoEmailTag: a group gives it to an IAM user whom nothing connects to an account.
	NoEmailTag Status = "no_email_tag"
)

// Statuses are all statuses, in the order in which they are counted.
var Statuses = []Status{InSync, Missing, Extra, Unmanaged, NoEmailTag}

// Entry is a bucket that somebody reaches, or should reach.
type Entry struct {
	// Username is the IAM user; empty if no IAM user has the account's name as Email tag.
	Username string `json:"username,omitempty"`
	// Account is the account at the server; empty for a ServerGroup, and without an
	// Email tag.
	Account string `json:"account,omitempty"`
	// SharedWith are other IAM users with the same Email tag; none of them is synced.
	SharedWith []string `json:"sharedWith,omitempty"`
	// ServerGroup is the group of the server whose accounts reach the bucket.
	ServerGroup string `json:"serverGroup,omitempty"`
	Bucket      string `json:"bucket"`
	// Groups are the IAM groups of the user that give the bucket, in order.
	Groups []string `json:"groups"`
	// Should is whether a sync gives the bucket, and Is whether the server shows it.
	Should bool   `json:"should"`
	Is     bool   `json:"is"`
	Status Status `json:"status"`
	// Folder is the server's name of what it shows; empty if it shows nothing.
	Folder string `json:"folder,omitempty"`
}

// Reading is who reaches which bucket, at one time.
type Reading struct {
	ReadAt time.Time `json:"readAt"`
	// Entries are in order of username, account and bucket. Those of no IAM user
	// come last.
	Entries []Entry `json:"entries"`
	// Users is how many IAM users there are, with and without entries.
	Users int `json:"users"`

	buckets []run.Bucket // those of stacks
}

// ByHolder returns the entries of each user, of each account that no user has, and of
// each group of the server.
func (r Reading) ByHolder() (holders [][]Entry) {
	for rest := r.Entries; len(rest) > 0; {
		first := rest[0]
		n := slices.IndexFunc(rest, func(e Entry) bool {
			return e.Username != first.Username || e.Account != first.Account || e.ServerGroup != first.ServerGroup
		})
		if n < 0 {
			n = len(rest)
		}
		holders, rest = append(holders, rest[:n]), rest[n:]
	}
	return holders
}

// Reader reads who reaches which bucket.
type Reader struct {
	Directory discover.UserDirectory
	Buckets   discover.BucketLister
	Server    Server
}

// Read reads IAM, the buckets and the server at the same time, each by its lists:
// the number of calls does not grow with that of the people, but with that of the pages.
func (r Reader) Read(ctx context.Context) (Reading, error) {
	reading := Reading{ReadAt: time.Now().UTC()}
	var iamUsers []discover.IAMUser
	var mappings []Mapping
	err := concurrently(ctx,
		func(ctx context.Context) (err error) {
			iamUsers, err = r.Directory.IAMUsers(ctx)
			return wrap("read IAM users", err)
		},
		func(ctx context.Context) (err error) {
			reading.buckets, err = r.Buckets.Buckets(ctx, discover.IsStackBucket)
			return wrap("read buckets", err)
		},
		func(ctx context.Context) (err error) {
			mappings, err = r.Server.Mappings(ctx)
			return wrap("read what the SFTP server shows", err)
		})
	if err != nil {
		return Reading{}, err
	}
	users, err := discover.Combine(iamUsers, reading.buckets)
	if err != nil {
		return Reading{}, err
	}
	reading.Users = len(users)
	reading.Entries = compare(users, iamUsers, mappings)
	return reading, nil
}

// concurrently calls all functions at once and returns their errors. The first error
// cancels the context of the others.
func concurrently(ctx context.Context, calls ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for _, call := range calls {
		all.Go(func() {
			if err := call(ctx); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

func wrap(doing string, err error) error {
	if err != nil {
		err = fmt.Errorf("%s: %w", doing, err)
	}
	return err
}
