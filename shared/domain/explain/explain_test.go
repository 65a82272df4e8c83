package explain_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/explain"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// fixture is everything that an explanation reads.
type fixture struct {
	iamUsers   []discover.IAMUser
	buckets    []run.Bucket
	accessKeys map[string][]access.AccessKey
	keys       accounttest.Keys
	server     *accounttest.Server
}

var (
	_ discover.UserDirectory = (*fixture)(nil)
	_ discover.BucketLister  = (*fixture)(nil)
	_ access.AccessKeys      = (*fixture)(nil)
)

func (f *fixture) IAMUsers(context.Context) ([]discover.IAMUser, error) { return f.iamUsers, nil }

func (f *fixture) Buckets(_ context.Context, wanted func(string) bool) (buckets []run.Bucket, err error) {
	for _, b := range f.buckets {
		if wanted(b.Name) {
			buckets = append(buckets, b)
		}
	}
	return buckets, nil
}

func (f *fixture) AccessKeys(_ context.Context, username string) ([]access.AccessKey, error) {
	keys, ok := f.accessKeys[username]
	if !ok {
		return nil, errors.New("not allowed")
	}
	return keys, nil
}

func (f *fixture) explain(t *testing.T, name string) (explain.Explanation, error) {
	t.Helper()
	explanation, err := explain.Explainer{
		Directory: f, Buckets: f, AccessKeys: f,
		Server: account.Server{Syncer: account.Syncer{Accounts: f.server, FolderReader: f.server, FolderWriter: f.server, Keys: f.keys}}, Keys: f.keys,
	}.Explain(t.Context(), name)
	assert.Empty(t, f.server.Writes(), "an explanation writes nothing")
	return explanation, err
}

// newFixture has alice, whose folder has an old key, and bob, who has no Email
// tag, no keys and no account.
func newFixture() *fixture {
	server := accounttest.NewServer("alice@x.org")
	server.MapBucket("alice@x.org", run.Bucket{Name: "org-dev-a", Region: "eu-west-1"}, "AKIAIOSFODNN7OLD1")
	return &fixture{
		iamUsers: []discover.IAMUser{
			{Username: "alice", Email: "alice@x.org", Groups: []string{"org-dev-users", "admins", "org-dev"}},
			{Username: "bob", Email: " "},
		},
		buckets: []run.Bucket{
			{Name: "org-dev-a", Region: "eu-west-1"}, {Name: "org-dev-a-repl", Region: "us-east-1"},
			{Name: "org-prod-a", Region: "us-east-1"}, {Name: "logs", Region: "us-east-1"},
		},
		accessKeys: map[string][]access.AccessKey{"alice": {{ID: "AKIAIOSFODNN7OLD1"}, {ID: "AKIAIOSFODNN7NEW1", Active: true}}},
		keys:       accounttest.Keys{"alice": "AKIAIOSFODNN7NEW1"},
		server:     server,
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	got, err := newFixture().explain(t, "alice")
	require.NoError(t, err)
	assert.Equal(t, "alice@x.org", got.Email)
	require.Len(t, got.Groups, 3)
	assert.Equal(t, explain.Group{Name: "org-dev-users", Stack: "org-dev"}, got.Groups[2])
	for _, ignored := range got.Groups[:2] {
		assert.Empty(t, ignored.Stack)
		assert.Contains(t, ignored.Ignored, "<org>-<env>-<role>")
	}
	assert.Equal(t, []explain.Stack{{
		Name: "org-dev", Buckets: []run.Bucket{{Name: "org-dev-a", Region: "eu-west-1"}}, Replicas: []string{"org-dev-a-repl"},
	}}, got.Stacks)
	assert.Equal(t, explain.Keys{Stored: true, AccessKey: "…NEW1", Status: access.KeyActive}, got.Keys)
	assert.True(t, got.Account.Exists)
	assert.Equal(t, []explain.Path{
		{Path: "/", Actual: []string{"list"}, Expected: []string{"list"}, Status: syncuser.InSync},
		{
			Path: "/org-dev-a", Bucket: "org-dev-a", Folder: "alice_x_org-org-dev-a", AccessKey: "…OLD1",
			Actual: []string{"*"}, Expected: []string{"*"}, Status: syncuser.KeyDiffers,
		},
	}, got.Account.Paths)
	assert.Equal(t, run.Updated, got.Sync.Outcome)
	assert.True(t, got.Sync.KeyRotated)
}

func TestExplainFindsUserByEmail(t *testing.T) {
	t.Parallel()
	got, err := newFixture().explain(t, "Alice@X.org")
	require.NoError(t, err)
	assert.Equal(t, "alice", got.Username)
}

func TestExplainUserWithoutEmailTag(t *testing.T) {
	t.Parallel()
	got, err := newFixture().explain(t, "bob")
	require.NoError(t, err)
	assert.Empty(t, got.Email)
	assert.False(t, got.Keys.Stored)
	assert.Equal(t, "in Parameter Store, /iam/access_key/bob is missing", got.Keys.Problem)
	assert.False(t, got.Account.Exists)
	assert.Equal(t, run.Skipped, got.Sync.Outcome)
}

func TestExplainShowsMissingBucketsWithoutKeys(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.keys = nil
	f.server = accounttest.NewServer("alice@x.org")
	got, err := f.explain(t, "alice")
	require.NoError(t, err)
	assert.Equal(t, run.Failed, got.Sync.Outcome)
	require.Len(t, got.Account.Paths, 2)
	assert.Equal(t, explain.Path{
		Path: "/org-dev-a", Bucket: "org-dev-a", Actual: []string{}, Expected: []string{"*"}, Status: syncuser.Missing,
	}, got.Account.Paths[1])
}

func TestExplainUnknownUser(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"carl", ""} {
		_, err := newFixture().explain(t, name)
		assert.Equal(t, errkind.NotEligible, errkind.Of(err))
	}
}

func TestKeyStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give []access.AccessKey
		want explain.Keys
	}{
		{"inactive", []access.AccessKey{{ID: "AKIAIOSFODNN7NEW1"}}, explain.Keys{Stored: true, AccessKey: "…NEW1", Status: access.KeyInactive}},
		{"of another IAM user", []access.AccessKey{{ID: "AKIAIOSFODNN7OLD1", Active: true}}, explain.Keys{Stored: true, Status: access.KeyOfOtherUser}},
		{"IAM refuses to list the keys", nil, explain.Keys{Stored: true, Status: access.KeyUnknown, StatusProblem: "not allowed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			f.accessKeys = map[string][]access.AccessKey{}
			if tt.give != nil {
				f.accessKeys["alice"] = tt.give
			}
			got, err := f.explain(t, "alice")
			require.NoError(t, err)
			assert.Equal(t, tt.want, got.Keys)
		})
	}
}

func TestExplanationContainsNoKey(t *testing.T) {
	t.Parallel()
	got, err := newFixture().explain(t, "alice")
	require.NoError(t, err)
	text, err := json.Marshal(got)
	require.NoError(t, err)
	assert.NotContains(t, string(text), accounttest.SecretKey)
	assert.NotContains(t, string(text), "AKIAIOSFODNN7")
}
