package access

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Key is an access key that the server uses for an account.
type Key struct {
	// Username is the IAM user; empty if none has the account's name as Email tag.
	Username string `json:"username,omitempty"`
	Account  string `json:"account"`
	// AccessKey is the end of the access key id.
	AccessKey string `json:"accessKey"`
	// Buckets is how many buckets of the account the server reaches with it.
	Buckets int       `json:"buckets"`
	Status  KeyStatus `json:"status"`
	// CreatedAt is when it was created, and AgeDays the whole days since; nil if that is
	// not known.
	CreatedAt *time.Time `json:"createdAt"`
	AgeDays   *int       `json:"ageDays"`
	// LastUsedAt is nil if the key was not used, as far as IAM's report knows.
	LastUsedAt      *time.Time `json:"lastUsedAt"`
	LastUsedService string     `json:"lastUsedService,omitempty"`
	// Identified reports whether IAM was asked for the ids of the user's keys. If not, the
	// user's only key is taken for the one that the server uses.
	Identified bool `json:"identified"`

	id string
}

// Keys are the access keys that the server uses, at one time.
type Keys struct {
	ReadAt time.Time `json:"readAt"`
	// ReportedAt is when IAM made its report.
	ReportedAt time.Time `json:"reportedAt"`
	// Keys are in order of username, account and id. Those of no IAM user come last.
	Keys []Key `json:"keys"`
}

// KeyReader reads the access keys that the server uses.
type KeyReader struct {
	Directory discover.UserDirectory
	Server    Server
	Reporter  CredentialReporter
	// AccessKeys is asked for a user's keys only where the report can't tell which of
	// them the server uses.
	AccessKeys AccessKeys
}

// Read reads the keys that the server uses for what this program mapped: of all accounts,
// or of the IAM user of that name or Email tag. It returns NotEligible if there is no such
// user. IAM is asked for the ids of the keys of users that have not exactly one in its
// report; of everybody if exact is true, or for one user.
func (r KeyReader) Read(ctx context.Context, user string, exact bool) (Keys, error) {
	var users []discover.IAMUser
	var mappings []Mapping
	var report CredentialReport
	keys := Keys{ReadAt: time.Now().UTC()}
	err := concurrently(ctx,
		func(ctx context.Context) (err error) {
			users, err = r.Directory.IAMUsers(ctx)
			return wrap("read IAM users", err)
		},
		func(ctx context.Context) (err error) {
			mappings, err = r.Server.Mappings(ctx)
			return wrap("read what the SFTP server shows", err)
		},
		func(ctx context.Context) (err error) {
			report, err = r.Reporter.CredentialReport(ctx)
			return wrap("read IAM's credential report", err)
		})
	if err != nil {
		return Keys{}, err
	}
	keys.ReportedAt = report.GeneratedAt
	keys.Keys = usedKeys(users, mappings)
	if user != "" {
		if keys.Keys, err = keysOf(keys.Keys, users, user); err != nil {
			return Keys{}, err
		}
	}
	return keys, r.describe(ctx, keys, report, exact || user != "")
}

// usedKeys returns the keys of what this program mapped, each once for an account and an
// IAM user who has its name as Email tag.
func usedKeys(users []discover.IAMUser, mappings []Mapping) []Key {
	usernames := map[string][]string{} // by account
	for _, u := range users {
		account := strings.TrimSpace(u.Email)
		usernames[account] = append(usernames[account], u.Username)
	}
	buckets := map[Key]int{}
	for _, m := range mappings {
		if !m.Managed || m.AccessKeyID == "" {
			continue
		}
		key := Key{Account: m.Account, AccessKey: LastFour(m.AccessKeyID), Status: KeyUnknown, id: m.AccessKeyID}
		for _, key.Username = range append(usernames[m.Account], "")[:max(1, len(usernames[m.Account]))] {
			buckets[key]++
		}
	}
	keys := make([]Key, 0, len(buckets))
	for key, n := range buckets {
		key.Buckets = n
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b Key) int {
		return cmp.Or(compareLast(a.Username, b.Username), strings.Compare(a.Account, b.Account), strings.Compare(a.id, b.id))
	})
	return keys
}

// keysOf returns the keys of the IAM user of that name or Email tag.
func keysOf(keys []Key, users []discover.IAMUser, name string) ([]Key, error) {
	is := func(username, email string) bool {
		return username == name || strings.EqualFold(strings.TrimSpace(email), name)
	}
	if !slices.ContainsFunc(users, func(u discover.IAMUser) bool { return is(u.Username, u.Email) }) {
		return nil, errkind.Errorf(errkind.NotEligible,
			"there is no IAM user %q, and none with that Email tag; usernames are compared with case", name)
	}
	return slices.DeleteFunc(keys, func(k Key) bool { return k.Username == "" || !is(k.Username, k.Account) }), nil
}

// describe adds what IAM knows of the keys.
func (r KeyReader) describe(ctx context.Context, keys Keys, report CredentialReport, exact bool) error {
	// IAM throttles those who ask much at once.
	const most = 8
	places := make(chan struct{}, most)
	var calls []func(context.Context) error
	for i := range keys.Keys {
		key := &keys.Keys[i]
		reported := report.Keys[key.Username]
		switch {
		case key.Username == "":
		case !exact && len(reported) == 1:
			key.set(keys.ReadAt, reported[0].Active, reported[0].CreatedAt, &reported[0])
		default:
			calls = append(calls, func(ctx context.Context) error {
				places <- struct{}{}
				defer func() { <-places }()
				return r.identify(ctx, key, keys.ReadAt, report)
			})
		}
	}
	return concurrently(ctx, calls...)
}

// identify asks IAM for the ids of the user's keys, and describes the one of that id.
func (r KeyReader) identify(ctx context.Context, key *Key, now time.Time, report CredentialReport) error {
	listed, err := r.AccessKeys.AccessKeys(ctx, key.Username)
	if err != nil {
		return fmt.Errorf("list the access keys of %s: %w", key.Username, err)
	}
	key.Status, key.Identified = KeyOfOtherUser, true
	for _, l := range listed {
		if l.ID == key.id {
			key.set(now, l.Active, l.CreatedAt, report.find(key.Username, l))
		}
	}
	return nil
}

// set describes the key; its use may be unknown.
func (k *Key) set(now time.Time, active bool, createdAt time.Time, use *ReportedKey) {
	k.Status = KeyInactive
	if active {
		k.Status = KeyActive
	}
	if !createdAt.IsZero() {
		days := int(now.Sub(createdAt).Hours() / 24)
		k.CreatedAt, k.AgeDays = &createdAt, &days
	}
	if use != nil && !use.LastUsedAt.IsZero() {
		k.LastUsedAt, k.LastUsedService = &use.LastUsedAt, use.LastUsedService
	}
}

// OlderThan leaves the keys that were created before a time.
func (k Keys) OlderThan(created time.Time) Keys {
	k.Keys = slices.DeleteFunc(slices.Clone(k.Keys), func(key Key) bool {
		return key.CreatedAt == nil || !key.CreatedAt.Before(created)
	})
	return k
}
