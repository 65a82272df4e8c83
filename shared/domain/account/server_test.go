package account_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

func TestServerIsCheckedByItsVersion(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	server := account.Server{Version: s}
	require.NoError(t, server.Check(t.Context()))
	assert.Equal(t, []string{"GET version"}, s.Calls)

	s.Fault = func(string) error { return errkind.Errorf(errkind.Unavailable, "503") }
	assert.Equal(t, errkind.Unavailable, errkind.Of(server.Check(t.Context())))
}

func TestServerSyncsAsTheEventSays(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	server := account.Server{Syncer: newSyncer(s, aliceKeys)}
	tests := []struct {
		name       string
		give       syncuser.Event
		wantReason string
		wantWrites bool
	}{
		{"dry run", syncuser.Event{DryRun: true}, "1 bucket added", false},
		{"sync", syncuser.Event{}, "1 bucket added", true},
		{"keys refreshed", syncuser.Event{RefreshKeys: true}, "keys written again", true},
		{"unchanged", syncuser.Event{}, "everything was as it should be", false},
	}
	for _, tt := range tests { // in this order, each after the one before
		s.Calls = nil
		tt.give.User = alice("org-dev-data")
		result, err := server.SyncUser(t.Context(), tt.give)
		require.NoError(t, err, tt.name)
		assert.Equal(t, tt.wantReason, result.Reason, tt.name)
		assert.Equal(t, tt.wantWrites, len(s.Writes()) > 0, tt.name)
	}
}

func TestServerMarksItsErrors(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	server := account.Server{Syncer: newSyncer(s, accounttest.Keys{})}
	var marked syncuser.ServerError
	_, err := server.SyncUser(t.Context(), syncuser.Event{User: alice("org-dev-data")})
	assert.NotErrorAs(t, err, &marked, "missing keys are not the server's")

	s.Fault = func(string) error { return errkind.Errorf(errkind.Unavailable, "503") }
	_, err = server.SyncUser(t.Context(), syncuser.Event{User: alice("org-dev-data")})
	assert.ErrorAs(t, err, &marked)
}

func TestServerDeletesLeftovers(t *testing.T) {
	t.Parallel()
	s := accounttest.NewServer(email)
	s.MapBucket(email, run.Bucket{Name: "org-dev-data"}, "AKIA1")
	a := s.Accounts[email]
	a.Folders = nil
	s.Accounts[email] = a
	server := account.Server{Cleaner: newCleaner(s)}
	require.NoError(t, server.DeleteLeftovers(t.Context(), true))
	assert.Len(t, s.Folders, 1)
	require.NoError(t, server.DeleteLeftovers(t.Context(), false))
	assert.Empty(t, s.Folders)
}
