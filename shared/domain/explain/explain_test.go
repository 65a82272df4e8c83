package explain_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/explain"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/secret"
)

// town is everything that an explanation looks at, empty at first.
type town struct {
	members  []discover.IAMUser
	buckets  []run.Bucket
	stored   map[string]account.Keys
	iamKeys  map[string][]explain.AccessKey
	accounts map[string]*account.Account
}

var (
	_ discover.UserDirectory = (*town)(nil)
	_ discover.BucketLister  = (*town)(nil)
	_ account.KeyStore       = (*town)(nil)
	_ explain.AccessKeys     = (*town)(nil)
	_ account.Accounts       = (*town)(nil)
)

func (t *town) IAMUsers(context.Context) ([]discover.IAMUser, error) { return t.members, nil }

func (t *town) Buckets(_ context.Context, wanted func(string) bool) (buckets []run.Bucket, err error) {
	for _, b := range t.buckets {
		if wanted(b.Name) {
			buckets = append(buckets, b)
		}
	}
	return buckets, nil
}

func (t *town) Keys(_ context.Context, username string) (account.Keys, error) {
	keys, ok := t.stored[username]
	if !ok {
		return account.Keys{}, errkind.Errorf(errkind.KeysMissing, "/iam/access_key/%s is missing", username)
	}
	return keys, nil
}

func (t *town) AccessKeys(_ context.Context, username string) ([]explain.AccessKey, error) {
	keys, ok := t.iamKeys[username]
	if !ok {
		return nil, errors.New("not allowed")
	}
	return keys, nil
}

func (t *town) Account(_ context.Context, username string) (*account.Account, error) {
	if a, ok := t.accounts[username]; ok {
		return a, nil
	}
	return nil, account.ErrNoAccount
}

func (t *town) EditAccount(context.Context, *account.Account, account.Edit) error {
	return errors.New("an explanation writes nothing")
}

func (t *town) explain(test *testing.T, name string) (explain.Explanation, error) {
	test.Helper()
	return explain.Explainer{
		Directory: t, Buckets: t, AccessKeys: t,
		Syncer: account.Syncer{Accounts: t, Keys: t},
	}.Explain(test.Context(), name)
}

const hidden = "wJalrXUtnFEMI"

// aTown has alice, who has everything but a current key in one folder, and bob,
// who has nothing.
func aTown() *town {
	return &town{
		members: []discover.IAMUser{
			{Username: "alice", Email: "alice@x.org", Groups: []string{"org-dev-users", "admins", "org-dev"}},
			{Username: "bob", Email: " "},
		},
		buckets: []run.Bucket{
			{Name: "org-dev-a", Region: "eu-west-1"}, {Name: "org-dev-a-repl", Region: "us-east-1"},
			{Name: "org-prod-a", Region: "us-east-1"}, {Name: "logs", Region: "us-east-1"},
		},
		stored:  map[string]account.Keys{"alice": {ID: "AKIAIOSFODNN7NEW1", Secret: secret.New(hidden)}},
		iamKeys: map[string][]explain.AccessKey{"alice": {{ID: "AKIAIOSFODNN7OLD1"}, {ID: "AKIAIOSFODNN7NEW1", Active: true}}},
		accounts: map[string]*account.Account{"alice@x.org": {
			Username:    "alice@x.org",
			Permissions: map[string][]string{"/": {"list"}, "/org-dev-a": {"*"}},
			Folders: []account.Folder{{
				Name: "alice_x_org-org-dev-a", Path: "/org-dev-a", MappedPath: "/tmp/sftpgo-folders/alice_x_org-org-dev-a",
				S3: true, Bucket: "org-dev-a", Region: "eu-west-1", AccessKeyID: "AKIAIOSFODNN7OLD1",
			}},
		}},
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	got, err := aTown().explain(t, "alice")
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
	assert.Equal(t, explain.Keys{Stored: true, AccessKey: "…NEW1", Status: explain.KeyActive}, got.Keys)
	assert.True(t, got.Account.Exists)
	assert.Equal(t, []explain.Path{
		{Path: "/", Actual: []string{"list"}, Expected: []string{"list"}, Status: account.InSync},
		{
			Path: "/org-dev-a", Bucket: "org-dev-a", Folder: "alice_x_org-org-dev-a", AccessKey: "…OLD1",
			Actual: []string{"*"}, Expected: []string{"*"}, Status: account.KeyDiffers,
		},
	}, got.Account.Paths)
	assert.Equal(t, run.Updated, got.Sync.Outcome)
	assert.True(t, got.Sync.KeyRotated)
}

// Support knows people by their addresses.
func TestExplainByEmail(t *testing.T) {
	t.Parallel()
	got, err := aTown().explain(t, "Alice@X.org")
	require.NoError(t, err)
	assert.Equal(t, "alice", got.Username)
}

func TestExplainSomebodyWithNothing(t *testing.T) {
	t.Parallel()
	got, err := aTown().explain(t, "bob")
	require.NoError(t, err)
	assert.Empty(t, got.Email)
	assert.False(t, got.Keys.Stored)
	assert.Equal(t, "/iam/access_key/bob is missing", got.Keys.Problem)
	assert.False(t, got.Account.Exists)
	assert.Equal(t, run.Skipped, got.Sync.Outcome)
}

// What somebody should have shows also while it can't be given.
func TestExplainWithoutKeys(t *testing.T) {
	t.Parallel()
	town := aTown()
	town.stored = nil
	town.accounts["alice@x.org"] = &account.Account{Username: "alice@x.org", Permissions: map[string][]string{"/": {"*"}}}
	got, err := town.explain(t, "alice")
	require.NoError(t, err)
	assert.Equal(t, run.Failed, got.Sync.Outcome)
	require.Len(t, got.Account.Paths, 2)
	assert.Equal(t, explain.Path{
		Path: "/org-dev-a", Bucket: "org-dev-a", Actual: []string{}, Expected: []string{"*"}, Status: account.Missing,
	}, got.Account.Paths[1])
}

func TestExplainNobody(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"carl", ""} {
		_, err := aTown().explain(t, name)
		assert.Equal(t, errkind.NotEligible, errkind.Of(err))
	}
}

func TestKeyStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give []explain.AccessKey
		want explain.Keys
	}{
		{"inactive", []explain.AccessKey{{ID: "AKIAIOSFODNN7NEW1"}}, explain.Keys{Stored: true, AccessKey: "…NEW1", Status: explain.KeyInactive}},
		{"of somebody else", []explain.AccessKey{{ID: "AKIAIOSFODNN7OLD1", Active: true}}, explain.Keys{Stored: true, Status: explain.KeyOfOtherUser}},
		{"not to be known", nil, explain.Keys{Stored: true, Status: explain.KeyUnknown, StatusProblem: "not allowed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			town := aTown()
			town.iamKeys = map[string][]explain.AccessKey{}
			if tt.give != nil {
				town.iamKeys["alice"] = tt.give
			}
			got, err := town.explain(t, "alice")
			require.NoError(t, err)
			assert.Equal(t, tt.want, got.Keys)
		})
	}
}

func TestExplanationHoldsNoKey(t *testing.T) {
	t.Parallel()
	got, err := aTown().explain(t, "alice")
	require.NoError(t, err)
	text, err := json.Marshal(got)
	require.NoError(t, err)
	assert.NotContains(t, string(text), hidden)
	assert.NotContains(t, string(text), "AKIAIOSFODNN7")
}
