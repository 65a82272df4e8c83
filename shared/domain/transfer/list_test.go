package transfer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
	"github.com/digipres/sync-users/shared/domain/transfer"
	"github.com/digipres/sync-users/shared/domain/transfer/transfertest"
)

func TestMappingsOfAllUsers(t *testing.T) {
	t.Parallel()
	s := transfertest.NewServer("fresh", email)
	s.Users[email] = transfer.User{Name: email, Role: transfertest.Role, Logical: true, Mappings: []transfer.Mapping{
		{Entry: "/prod", Target: "/org-prod-data/inbox"}, mapped("/org-dev-data-repl"),
	}}
	sync(t, s, alice("org-dev-data"))
	s.Users["path"] = transfer.User{Name: "path", HomeDirectory: "/elsewhere/home"}
	s.Users["revoked"] = transfer.User{Name: "revoked", Logical: true, Mappings: []transfer.Mapping{{Entry: "/no-access", Target: "/sync-users_no-access"}}}
	for i := range 50 {
		name := fmt.Sprintf("many%02d", i)
		s.Users[name] = transfer.User{Name: name}
	}
	s.Calls = nil
	mappings := transfer.Mappings{Lister: s, Users: s}
	got, err := mappings.Mappings(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []access.Mapping{
		{Account: email, Bucket: "org-dev-data", Folder: "/org-dev-data", Managed: true},
		{Account: email, Bucket: "org-prod-data", Folder: "/prod"},
		{Account: email, Bucket: "org-dev-data-repl", Folder: "/org-dev-data-repl"},
		{Account: "path", Bucket: "elsewhere", Folder: "/elsewhere/home"},
	}, got)
	assert.Len(t, s.Calls, 1+len(s.Users))

	s.Fault = func(call string) error {
		if strings.HasSuffix(call, "many07") {
			return errkind.Errorf(errkind.AccessDenied, "no")
		}
		return nil
	}
	_, err = mappings.Mappings(t.Context())
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	assert.ErrorContains(t, err, "read the Transfer user many07: no")
}

func TestPaths(t *testing.T) {
	t.Parallel()
	s := transfertest.NewServer()
	s.Users[email] = transfer.User{Name: email, Role: transfertest.Role, Logical: true, Mappings: []transfer.Mapping{{Entry: "/own", Target: "/elsewhere/own"}}}
	server := transfer.Server{Syncer: newSyncer(s)}
	paths := func(user run.User) map[string]syncuser.PathStatus {
		t.Helper()
		got, found, err := server.Paths(t.Context(), user)
		require.NoError(t, err)
		require.True(t, found)
		statuses := map[string]syncuser.PathStatus{}
		for _, p := range got {
			statuses[p.Path] = p.Status
		}
		return statuses
	}
	assert.Equal(t, map[string]syncuser.PathStatus{"/own": syncuser.Unmanaged, "/org-dev-data": syncuser.Missing}, paths(alice("org-dev-data")))
	sync(t, s, alice("org-dev-data"))
	assert.Equal(t, map[string]syncuser.PathStatus{"/own": syncuser.Unmanaged, "/org-dev-data": syncuser.InSync}, paths(alice("org-dev-data")))
	assert.Equal(t, map[string]syncuser.PathStatus{"/own": syncuser.Unmanaged, "/org-dev-data": syncuser.Extra}, paths(alice()))
	user := s.Users[email]
	user.Policy = ""
	s.Users[email] = user
	assert.Equal(t, map[string]syncuser.PathStatus{"/own": syncuser.Unmanaged, "/org-dev-data": syncuser.PermissionsDiffer}, paths(alice("org-dev-data")))

	for _, name := range []string{"nobody", "a+b@example.org"} {
		nobody := alice("org-dev-data")
		nobody.Email = name
		_, found, err := server.Paths(t.Context(), nobody)
		require.NoError(t, err)
		assert.False(t, found)
	}
}
