package access_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// fixture is everything that a reading reads, and the errors of its parts.
type fixture struct {
	users    []discover.IAMUser
	buckets  []string
	mappings []access.Mapping
	errors   map[string]error
}

var (
	_ discover.UserDirectory = fixture{}
	_ discover.BucketLister  = fixture{}
	_ access.Server          = fixture{}
)

func (f fixture) IAMUsers(context.Context) ([]discover.IAMUser, error) {
	return f.users, f.errors["iam"]
}

func (f fixture) Buckets(_ context.Context, wanted func(string) bool) (buckets []run.Bucket, err error) {
	for _, name := range f.buckets {
		if wanted(name) {
			buckets = append(buckets, run.Bucket{Name: name, Region: "us-east-1"})
		}
	}
	return buckets, f.errors["s3"]
}

func (f fixture) Mappings(context.Context) ([]access.Mapping, error) {
	return f.mappings, f.errors["server"]
}

func (f fixture) read(t *testing.T) access.Reading {
	t.Helper()
	reading, err := access.Reader{Directory: f, Buckets: f, Server: f}.Read(t.Context())
	require.NoError(t, err)
	return reading
}

func managed(account, bucket string) access.Mapping {
	return access.Mapping{Account: account, Bucket: bucket, Folder: account + "-" + bucket, Managed: true}
}

// line is an entry without what follows from the rest of it.
type line struct {
	who, bucket string
	status      access.Status
	should, is  bool
}

func lines(reading access.Reading) (lines []line) {
	for _, e := range reading.Entries {
		who := e.Username
		if who == "" {
			who = "account " + e.Account
		}
		if e.ServerGroup != "" {
			who = "group " + e.ServerGroup
		}
		lines = append(lines, line{who, e.Bucket, e.Status, e.Should, e.Is})
	}
	return lines
}

func TestRead(t *testing.T) {
	t.Parallel()
	alice := discover.IAMUser{Username: "alice", Email: " alice@x.org ", Groups: []string{"org-dev-users", "staff"}}
	bob := discover.IAMUser{Username: "bob", Email: "bob@x.org"}
	buckets := []string{"org-dev-a", "org-dev-a-repl", "org-prod-a", "website"}
	tests := []struct {
		name     string
		users    []discover.IAMUser
		mappings []access.Mapping
		want     []line
	}{
		{
			"what a group gives and the account shows", []discover.IAMUser{alice}, []access.Mapping{managed("alice@x.org", "org-dev-a")},
			[]line{{"alice", "org-dev-a", access.InSync, true, true}},
		},
		{
			"what the account does not show yet", []discover.IAMUser{alice}, nil,
			[]line{{"alice", "org-dev-a", access.Missing, true, false}},
		},
		{
			"what no group gives any more", []discover.IAMUser{bob}, []access.Mapping{managed("bob@x.org", "org-prod-a")},
			[]line{{"bob", "org-prod-a", access.Extra, false, true}},
		},
		{
			"an administrator's own folder beside the missing one", []discover.IAMUser{alice},
			[]access.Mapping{{Account: "alice@x.org", Bucket: "org-dev-a", Folder: "own"}},
			[]line{{"alice", "org-dev-a", access.Missing, true, false}, {"alice", "org-dev-a", access.Unmanaged, false, true}},
		},
		{
			"a bucket of no stack", []discover.IAMUser{bob}, []access.Mapping{{Account: "bob@x.org", Bucket: "website", Folder: "own"}},
			[]line{{"bob", "website", access.Unmanaged, false, true}},
		},
		{
			"no Email tag", []discover.IAMUser{{Username: "carol", Groups: []string{"org-dev-users"}}}, []access.Mapping{{Group: "g", Bucket: "website"}},
			[]line{{"carol", "org-dev-a", access.NoEmailTag, false, false}, {"group g", "website", access.Unmanaged, false, true}},
		},
		{
			"accounts of no IAM user come last", []discover.IAMUser{alice},
			[]access.Mapping{managed("gone@x.org", "org-dev-a"), {Account: "partner", Bucket: "org-dev-a", Folder: "own"}},
			[]line{
				{"alice", "org-dev-a", access.Missing, true, false},
				{"account gone@x.org", "org-dev-a", access.Extra, false, true},
				{"account partner", "org-dev-a", access.Unmanaged, false, true},
			},
		},
		{
			"a stack of which no bucket is seen stays",
			[]discover.IAMUser{{Username: "dave", Email: "dave@x.org", Groups: []string{"org-test-users"}}},
			[]access.Mapping{managed("dave@x.org", "org-test-a")},
			[]line{{"dave", "org-test-a", access.InSync, true, true}},
		},
		{
			"one Email tag on two users: each keeps what is theirs, and what is nobody's is extra",
			[]discover.IAMUser{alice, {Username: "alias", Email: "Alice@x.org"}, {Username: "alike", Email: "alice@x.org", Groups: []string{"org-prod-users"}}},
			[]access.Mapping{managed("alice@x.org", "org-dev-a"), managed("alice@x.org", "org-dev-gone")},
			[]line{
				{"alice", "org-dev-a", access.InSync, true, true},
				{"alice", "org-dev-gone", access.Extra, false, true},
				{"alike", "org-dev-gone", access.Extra, false, true},
				{"alike", "org-prod-a", access.Missing, true, false},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, lines(fixture{users: tt.users, buckets: buckets, mappings: tt.mappings}.read(t)))
		})
	}
}

func TestEntriesNameTheGroups(t *testing.T) {
	t.Parallel()
	reading := fixture{
		users: []discover.IAMUser{
			{Username: "alice", Email: "a@x.org", Groups: []string{"org-dev-users", "staff", "org-prod-users", "org-dev-admins"}},
			{Username: "alias", Email: "a@x.org"},
		},
		buckets:  []string{"org-dev-a"},
		mappings: []access.Mapping{managed("a@x.org", "org-dev-a"), {Group: "partners", Bucket: "org-dev-a", Folder: "own"}},
	}.read(t)
	assert.Equal(t, 2, reading.Users)
	assert.False(t, reading.ReadAt.IsZero())
	assert.Equal(t, []access.Entry{
		{
			Username: "alice", Account: "a@x.org", SharedWith: []string{"alias"}, Bucket: "org-dev-a", Groups: []string{"org-dev-admins", "org-dev-users"},
			Should: true, Is: true, Status: access.InSync, Folder: "a@x.org-org-dev-a",
		},
		{ServerGroup: "partners", Bucket: "org-dev-a", Groups: []string{}, Is: true, Status: access.Unmanaged, Folder: "own"},
	}, reading.Entries)
}

func TestByHolder(t *testing.T) {
	t.Parallel()
	var reading access.Reading
	assert.Empty(t, reading.ByHolder())
	reading.Entries = []access.Entry{
		{Username: "alice", Account: "a@x.org", Bucket: "a"}, {Username: "alice", Account: "a@x.org", Bucket: "b"},
		{Username: "alias", Account: "a@x.org", Bucket: "b"}, {Account: "b@x.org", Bucket: "a"}, {ServerGroup: "g", Bucket: "a"},
	}
	e := reading.Entries
	assert.Equal(t, [][]access.Entry{e[:2], e[2:3], e[3:4], e[4:]}, reading.ByHolder())
}

func TestReadReturnsTheErrorOfAnyPart(t *testing.T) {
	t.Parallel()
	for part, want := range map[string]string{"iam": "read IAM users: ", "s3": "read buckets: ", "server": "read what the SFTP server shows: "} {
		f := fixture{users: []discover.IAMUser{{Username: "alice"}}, buckets: []string{"org-dev-a"}}
		f.errors = map[string]error{part: errkind.Errorf(errkind.Throttled, "slow down")}
		_, err := access.Reader{Directory: f, Buckets: f, Server: f}.Read(t.Context())
		require.EqualError(t, err, want+"slow down")
		assert.Equal(t, errkind.Throttled, errkind.Of(err))
	}
	f := fixture{buckets: []string{"org-dev-a"}}
	_, err := access.Reader{Directory: f, Buckets: f, Server: f}.Read(t.Context())
	assert.Equal(t, errkind.IncompleteReading, errkind.Of(err))
}

// One part that fails ends the others.
func TestReadEndsAtTheFirstError(t *testing.T) {
	t.Parallel()
	f := fixture{errors: map[string]error{"iam": errors.New("broken")}}
	_, err := access.Reader{Directory: f, Buckets: f, Server: waiting{}}.Read(t.Context())
	assert.EqualError(t, err, "read IAM users: broken")
}

// waiting is a server that answers when the context ends.
type waiting struct{}

var _ access.Server = waiting{}

func (waiting) Mappings(ctx context.Context) ([]access.Mapping, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestOfBucket(t *testing.T) {
	t.Parallel()
	reading := fixture{
		users:    []discover.IAMUser{{Username: "alice", Email: "a@x.org", Groups: []string{"org-dev-users"}}},
		buckets:  []string{"org-dev-a", "org-dev-b", "org-prod-a"},
		mappings: []access.Mapping{{Group: "partners", Bucket: "website"}},
	}.read(t)
	similar := func(name string, known []string) []string {
		assert.Equal(t, []string{"org-dev-a", "org-dev-b", "org-prod-a"}, known)
		if name == "org-dev-aa" {
			return known[:2]
		}
		return nil
	}
	tests := []struct {
		name, give string
		want       []line
		err        string
	}{
		{"a stack's bucket", "org-dev-a", []line{{"alice", "org-dev-a", access.Missing, true, false}}, ""},
		{"one that nobody reaches", "org-prod-a", nil, ""},
		{"one of no stack that somebody reaches", "website", []line{{"group partners", "website", access.Unmanaged, false, true}}, ""},
		{"a wrong name", "org-dev-aa", nil, `no stack has a bucket "org-dev-aa" in this AWS account, and nobody reaches one of that name; did you mean org-dev-a or org-dev-b?`},
		{"a name like no other", "x", nil, `no stack has a bucket "x" in this AWS account, and nobody reaches one of that name`},
		{"a replication copy", "org-dev-a-repl", nil, "org-dev-a-repl is the name of a replication copy, which no account shows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := reading.OfBucket(tt.give, similar)
			if tt.err != "" {
				require.EqualError(t, err, tt.err)
				assert.Equal(t, errkind.InvalidInput, errkind.Of(err))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, lines(got))
		})
	}
}
