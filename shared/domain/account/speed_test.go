package account_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
)

// latency is how long each call of a slowServer and of slowKeys takes.
const latency = 20 * time.Millisecond

// slowServer takes its time for each call, and counts how many it has at a time.
type slowServer struct {
	*accounttest.Server
	now, most atomic.Int32
}

func (s *slowServer) wait() {
	if n := s.now.Add(1); n > s.most.Load() {
		s.most.Store(n)
	}
	time.Sleep(latency)
	s.now.Add(-1)
}

func (s *slowServer) Account(ctx context.Context, username string) (*account.Account, error) {
	s.wait()
	return s.Server.Account(ctx, username)
}

func (s *slowServer) EditAccount(ctx context.Context, a *account.Account, edit account.Edit) error {
	s.wait()
	return s.Server.EditAccount(ctx, a, edit)
}

func (s *slowServer) CreateFolder(ctx context.Context, spec account.Spec, keys account.Keys) error {
	s.wait()
	return s.Server.CreateFolder(ctx, spec, keys)
}

type slowKeys struct{ account.KeyStore }

func (k slowKeys) Keys(ctx context.Context, username string) (account.Keys, error) {
	time.Sleep(latency)
	return k.KeyStore.Keys(ctx, username)
}

func TestSyncTakesFewRoundTrips(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                 string
		connections, buckets int
		wantFirst            time.Duration
	}{
		{"three buckets, four connections", 4, 3, 3 * latency},
		{"one bucket, two connections", 2, 1, 3 * latency},
		{"three buckets, two connections", 2, 3, 4 * latency},
		{"three buckets, one connection", 0, 3, 6 * latency},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &slowServer{Server: accounttest.NewServer(email)}
				syncer := newSyncer(s.Server, aliceKeys)
				syncer.Accounts, syncer.FolderWriter, syncer.Keys = s, s, slowKeys{syncer.Keys}
				syncer.Connections = tt.connections
				user := alice([]string{"org-dev-a", "org-dev-b", "org-dev-c"}[:tt.buckets]...)

				start := time.Now()
				_, err := syncer.Sync(t.Context(), user, false)
				require.NoError(t, err)
				assert.Equal(t, tt.wantFirst, time.Since(start), "the first sync")
				assert.LessOrEqual(t, int(s.most.Load()), max(tt.connections, 1), "requests at a time")

				start = time.Now()
				_, err = syncer.Sync(t.Context(), user, false)
				require.NoError(t, err)
				assert.Equal(t, latency, time.Since(start), "a sync that changes nothing")
			})
		})
	}
}

// administrator changes the account while a sync writes its folders.
type administrator struct{ *accounttest.Server }

func (s administrator) CreateFolder(ctx context.Context, spec account.Spec, keys account.Keys) error {
	s.Accounts[email].Permissions["/private"] = []string{"list"}
	return s.Server.CreateFolder(ctx, spec, keys)
}

func TestSyncKeepsWhatAnAdministratorChangesMeanwhile(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	syncer := newSyncer(s, aliceKeys)
	syncer.FolderWriter = administrator{s}
	_, err := syncer.Sync(t.Context(), alice("org-dev-data"), false)
	require.NoError(t, err)
	assert.Equal(t, []string{"list"}, s.Accounts[email].Permissions["/private"])
	assert.Equal(t, []string{"/org-dev-data"}, s.Paths(email))
}
