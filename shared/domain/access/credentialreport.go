package access

import (
	"context"
	"slices"
	"time"
)

// CredentialReport is IAM's report of the keys of all users. It does not have their ids,
// and is up to four hours old
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html).
type CredentialReport struct {
	GeneratedAt time.Time
	// Keys are by username.
	Keys map[string][]ReportedKey
}

// ReportedKey is a key of the report.
type ReportedKey struct {
	Active bool
	// CreatedAt is when the key was created or last changed.
	CreatedAt time.Time
	// LastUsedAt is zero if the key was not used, as far as IAM knows.
	LastUsedAt time.Time
	// LastUsedService is the service that it was last used with, such as s3; empty if
	// that is not known.
	LastUsedService string
}

// CredentialReporter has IAM make its credential report.
type CredentialReporter interface {
	// CredentialReport returns the report, and waits until it is made.
	CredentialReport(ctx context.Context) (CredentialReport, error)
}

// find returns the reported key of a user that a list of their keys has: the one of the
// same age or, as the report knows when a key was changed instead, of the same status; nil
// if that leaves none or two.
func (r CredentialReport) find(username string, listed AccessKey) *ReportedKey {
	keys := r.Keys[username]
	i := slices.IndexFunc(keys, func(k ReportedKey) bool { return k.CreatedAt.Equal(listed.CreatedAt.Truncate(time.Second)) })
	if i >= 0 {
		return &keys[i]
	}
	same := slices.DeleteFunc(slices.Clone(keys), func(k ReportedKey) bool { return k.Active != listed.Active })
	if len(same) == 1 {
		return &same[0]
	}
	return nil
}
