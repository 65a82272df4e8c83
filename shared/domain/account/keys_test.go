package account_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/secret"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// storedKeys is a key store with the same keys for every user.
type storedKeys account.Keys

func (k storedKeys) Keys(context.Context, string) (account.Keys, error) { return account.Keys(k), nil }

func stored(id string, idVersion, secretVersion int64) storedKeys {
	return storedKeys{ID: id, Secret: secret.New(accounttest.SecretKey), IDVersion: idVersion, SecretVersion: secretVersion}
}

const devFolder = "a_b_example_org-org-dev-data"

func TestSyncWritesKeysThatDiffer(t *testing.T) {
	t.Parallel()
	const byHand = "Alice's, ask Bob"
	tests := []struct {
		name string
		// before is the description of the folder, which has the key AKIA1.
		before string
		give   storedKeys
		// refresh asks for all keys to be written.
		refresh    bool
		wantReason string
		want       string
	}{
		{
			name: "the same versions", before: "sync-users: access key version 3, secret key version 5",
			give: stored("AKIA1", 3, 5), want: "sync-users: access key version 3, secret key version 5",
		},
		{
			name: "a corrected secret", before: "sync-users: access key version 3, secret key version 5",
			give: stored("AKIA1", 3, 6), wantReason: "keys changed in Parameter Store",
			want: "sync-users: access key version 3, secret key version 6",
		},
		{
			name: "parameters that were made anew", before: "sync-users: access key version 3, secret key version 5",
			give: stored("AKIA1", 1, 1), wantReason: "keys changed in Parameter Store",
			want: "sync-users: access key version 1, secret key version 1",
		},
		{
			name: "another access key", before: "sync-users: access key version 3, secret key version 5",
			give: stored("AKIA2", 4, 6), wantReason: "access key rotated",
			want: "sync-users: access key version 4, secret key version 6",
		},
		{name: "a folder of a version that recorded none", before: "", give: stored("AKIA1", 3, 6), want: ""},
		{
			name: "another access key in a folder of a version that recorded none", before: "",
			give: stored("AKIA2", 4, 6), wantReason: "access key rotated",
			want: "sync-users: access key version 4, secret key version 6",
		},
		{name: "an administrator's description", before: byHand, give: stored("AKIA1", 3, 6), want: byHand},
		{
			name: "another access key, and an administrator's description", before: byHand,
			give: stored("AKIA2", 4, 6), wantReason: "access key rotated", want: byHand,
		},
		{
			name: "a refresh", before: "sync-users: access key version 3, secret key version 5",
			give: stored("AKIA1", 3, 5), refresh: true, wantReason: "keys written again",
			want: "sync-users: access key version 3, secret key version 5",
		},
		{
			name: "a refresh of a folder of a version that recorded none", before: "",
			give: stored("AKIA1", 3, 5), refresh: true, wantReason: "keys written again",
			want: "sync-users: access key version 3, secret key version 5",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := accounttest.NewServer(email)
			s.MapBucket(email, run.Bucket{Name: "org-dev-data", Region: "eu-west-1"}, "AKIA1")
			folder := s.Folders[devFolder]
			folder.Description = tt.before
			s.Folders[devFolder] = folder
			syncer := account.Syncer{Accounts: s, FolderReader: s, FolderWriter: s, Keys: tt.give, RefreshKeys: tt.refresh}

			dry, err := syncer.Sync(t.Context(), alice("org-dev-data"), true)
			require.NoError(t, err)
			assert.Empty(t, s.Writes())
			s.Calls = nil
			got, err := syncer.Sync(t.Context(), alice("org-dev-data"), false)
			require.NoError(t, err)

			assert.Equal(t, dry, got)
			assert.Equal(t, tt.want, s.Folders[devFolder].Description)
			if tt.wantReason == "" {
				assert.Equal(t, run.Unchanged, got.Outcome)
				assert.Equal(t, []string{"GET users/" + email}, s.Calls)
				return
			}
			assert.Equal(t, run.Updated, got.Outcome)
			assert.Equal(t, tt.wantReason, got.Reason)
			assert.Equal(t, !tt.refresh, got.KeyRotated)
			assert.Equal(t, []string{"PUT folders/" + devFolder, "PUT users/" + email, "PUT folders/" + devFolder}, s.Writes())
			assert.Equal(t, 1, s.Disconnects[email])

			syncer.RefreshKeys = false
			again, err := syncer.Sync(t.Context(), alice("org-dev-data"), false)
			require.NoError(t, err)
			assert.Equal(t, run.Unchanged, again.Outcome)
		})
	}
}

func TestPreviewTellsThatTheSecretDiffers(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	syncer := account.Syncer{Accounts: s, FolderReader: s, FolderWriter: s, Keys: stored("AKIA1", 1, 1)}
	_, err := syncer.Sync(t.Context(), alice("org-dev-data"), false)
	require.NoError(t, err)
	syncer.Keys = stored("AKIA1", 1, 2)
	have, plan, err := syncer.Preview(t.Context(), alice("org-dev-data"))
	require.NoError(t, err)
	paths := plan.Paths(have)
	assert.Equal(t, syncuser.KeyDiffers, paths[len(paths)-1].Status)
}

// The sessions that are open when keys change have the old ones. They end, also if the
// call that ends them fails at first, for good, or after it was done.
func TestChangedKeysEndSessions(t *testing.T) {
	t.Parallel()
	const before = "sync-users: access key version 3, secret key version 5"
	for _, give := range []storedKeys{stored("AKIA2", 4, 6), stored("AKIA1", 3, 6)} {
		for fails := range 3 {
			t.Run(fmt.Sprintf("%s, %d failures", give.ID, fails), func(t *testing.T) {
				t.Parallel()
				s := accounttest.NewServer(email)
				for _, bucket := range []string{"org-dev-data", "org-dev-managed"} {
					s.MapBucket(email, run.Bucket{Name: bucket, Region: "eu-west-1"}, "AKIA1")
				}
				for name, folder := range s.Folders {
					folder.Description = before
					s.Folders[name] = folder
				}
				left := fails
				s.Fault = func(call string) error {
					if call == "PUT users/"+email && left > 0 {
						left--
						return errkind.Errorf(errkind.Unavailable, "%s", call)
					}
					return nil
				}
				syncer := account.Syncer{Accounts: s, FolderReader: s, FolderWriter: s, Keys: give}
				user := alice("org-dev-data", "org-dev-managed")
				for range fails {
					_, err := syncer.Sync(t.Context(), user, false)
					require.Error(t, err)
				}

				got, err := syncer.Sync(t.Context(), user, false)

				require.NoError(t, err)
				assert.Equal(t, run.Updated, got.Outcome)
				assert.True(t, got.KeyRotated)
				assert.Equal(t, 1, s.Disconnects[email])
				for name, folder := range s.Folders {
					assert.Equal(t, give.ID, folder.AccessKeyID, name)
					assert.Equal(t, account.Keys(give).Description(""), folder.Description, name)
				}
			})
		}
	}
}
