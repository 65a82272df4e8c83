package access_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// keyFixture is everything that a reading of keys reads. Listed are those whose keys IAM
// was asked for.
type keyFixture struct {
	fixture
	report access.CredentialReport
	keys   map[string][]access.AccessKey

	mu     sync.Mutex
	listed []string
}

var (
	_ access.CredentialReporter = (*keyFixture)(nil)
	_ access.AccessKeys         = (*keyFixture)(nil)
)

func (f *keyFixture) CredentialReport(context.Context) (access.CredentialReport, error) {
	return f.report, f.errors["report"]
}

func (f *keyFixture) AccessKeys(_ context.Context, username string) ([]access.AccessKey, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listed = append(f.listed, username)
	return f.keys[username], f.errors["keys"]
}

func (f *keyFixture) read(ctx context.Context, user string, exact bool) (access.Keys, error) {
	return access.KeyReader{Directory: f, Server: f, Reporter: f, AccessKeys: f}.Read(ctx, user, exact)
}

func withKey(account, bucket, id string) access.Mapping {
	m := managed(account, bucket)
	m.AccessKeyID = id
	return m
}

// The clock of a bubble begins at the year 2000.
var (
	now  = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	old  = now.AddDate(0, 0, -100)
	used = now.Add(-time.Hour)
)

// newKeyFixture has a user in every situation, and an account of nobody.
func newKeyFixture() *keyFixture {
	user := func(name string) discover.IAMUser { return discover.IAMUser{Username: name, Email: name + "@x.org"} }
	return &keyFixture{
		fixture: fixture{
			users: []discover.IAMUser{user("one"), user("two"), user("gone"), user("wrong"), user("inactive"), {Username: "tagless"}},
			mappings: []access.Mapping{
				withKey("one@x.org", "org-dev-a", "AKIAONE1"), withKey("one@x.org", "org-dev-b", "AKIAONE1"),
				withKey("two@x.org", "org-dev-a", "AKIATWO2"), withKey("gone@x.org", "org-dev-a", "AKIAGONE1"),
				withKey("wrong@x.org", "org-dev-a", "AKIAWRONG0"), withKey("inactive@x.org", "org-dev-a", "AKIAINACTIVE1"),
				withKey("nobody@x.org", "org-dev-a", "AKIANOBODY1"),
				{Account: "one@x.org", Bucket: "website", AccessKeyID: "AKIAOTHER"}, managed("one@x.org", "org-dev-c"),
			},
			errors: map[string]error{},
		},
		report: access.CredentialReport{GeneratedAt: used, Keys: map[string][]access.ReportedKey{
			"one":      {{Active: true, CreatedAt: old, LastUsedAt: used, LastUsedService: "s3"}},
			"two":      {{Active: true, CreatedAt: old}, {Active: true, CreatedAt: used, LastUsedAt: used, LastUsedService: "s3"}},
			"wrong":    {{Active: true, CreatedAt: old}},
			"inactive": {{CreatedAt: old}},
		}},
		keys: map[string][]access.AccessKey{
			"one":   {{ID: "AKIAONE1", Active: true, CreatedAt: old}},
			"two":   {{ID: "AKIATWO1", Active: true, CreatedAt: old}, {ID: "AKIATWO2", Active: true, CreatedAt: used}},
			"wrong": {{ID: "AKIAWRONG1", Active: true, CreatedAt: old}},
			// It was deactivated after the report, which knows it by when that was.
			"inactive": {{ID: "AKIAINACTIVE1", CreatedAt: old.Add(-time.Hour)}},
		},
	}
}

func TestReadKeys(t *testing.T) {
	t.Parallel()
	hundred, hour := 100, 0
	one := access.Key{
		Username: "one", Account: "one@x.org", AccessKey: "…ONE1", Buckets: 2, Status: access.KeyActive,
		CreatedAt: &old, AgeDays: &hundred, LastUsedAt: &used, LastUsedService: "s3",
	}
	two := access.Key{
		Username: "two", Account: "two@x.org", AccessKey: "…TWO2", Buckets: 1, Status: access.KeyActive, Identified: true,
		CreatedAt: &used, AgeDays: &hour, LastUsedAt: &used, LastUsedService: "s3",
	}
	gone := access.Key{Username: "gone", Account: "gone@x.org", AccessKey: "…ONE1", Buckets: 1, Status: access.KeyOfOtherUser, Identified: true}
	inactive := access.Key{
		Username: "inactive", Account: "inactive@x.org", AccessKey: "…IVE1", Buckets: 1, Status: access.KeyInactive, CreatedAt: &old, AgeDays: &hundred,
	}
	wrong := access.Key{
		Username: "wrong", Account: "wrong@x.org", AccessKey: "…ONG0", Buckets: 1, Status: access.KeyActive, CreatedAt: &old, AgeDays: &hundred,
	}
	nobody := access.Key{Account: "nobody@x.org", AccessKey: "…ODY1", Buckets: 1, Status: access.KeyUnknown}

	synctest.Test(t, func(t *testing.T) {
		f := newKeyFixture()
		got, err := f.read(t.Context(), "", false)
		require.NoError(t, err)
		assert.Equal(t, now, got.ReadAt)
		assert.Equal(t, used, got.ReportedAt)
		assertKeys(t, []access.Key{gone, inactive, one, two, wrong, nobody}, got.Keys)
		assert.ElementsMatch(t, []string{"two", "gone"}, f.listed, "those whom the report does not settle")

		older := got.OlderThan(now.AddDate(0, 0, -90))
		assertKeys(t, []access.Key{inactive, one, wrong}, older.Keys)
		assert.Len(t, got.Keys, 6)
	})
	// With the ids, a key that only looks like the one in use is told from it.
	synctest.Test(t, func(t *testing.T) {
		got, err := newKeyFixture().read(t.Context(), "", true)
		require.NoError(t, err)
		one.Identified, inactive.Identified = true, true
		created := old.Add(-time.Hour)
		inactive.CreatedAt = &created
		wrong := access.Key{Username: "wrong", Account: "wrong@x.org", AccessKey: "…ONG0", Buckets: 1, Status: access.KeyOfOtherUser, Identified: true}
		assertKeys(t, []access.Key{gone, inactive, one, two, wrong, nobody}, got.Keys)
	})
	for _, name := range []string{"two", "Two@X.org"} {
		synctest.Test(t, func(t *testing.T) {
			f := newKeyFixture()
			got, err := f.read(t.Context(), name, false)
			require.NoError(t, err)
			assertKeys(t, []access.Key{two}, got.Keys)
			assert.Equal(t, []string{"two"}, f.listed)
		})
	}
	tagless, err := newKeyFixture().read(t.Context(), "tagless", false)
	require.NoError(t, err)
	assert.Equal(t, []access.Key{}, tagless.Keys)
	_, err = newKeyFixture().read(t.Context(), "nobody@x.org", false)
	assert.Equal(t, errkind.NotEligible, errkind.Of(err))
}

// assertKeys compares keys without their ids, which nothing prints.
func assertKeys(t *testing.T, want, got []access.Key) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		assert.EqualExportedValues(t, want[i], got[i])
	}
}

func TestReadKeysReturnsTheErrorOfAnyPart(t *testing.T) {
	t.Parallel()
	for part, want := range map[string]string{
		"iam": "read IAM users: broken", "server": "read what the SFTP server shows: broken", "report": "read IAM's credential report: broken",
		"keys": "list the access keys of two: broken",
	} {
		f := newKeyFixture()
		f.errors[part] = errors.New("broken")
		delete(f.report.Keys, "gone")
		f.mappings = f.mappings[:3]
		_, err := f.read(t.Context(), "", false)
		assert.EqualError(t, err, want)
	}
}
