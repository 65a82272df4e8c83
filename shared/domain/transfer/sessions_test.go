package transfer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/transfer"
	"github.com/digipres/sync-users/shared/domain/transfer/transfertest"
)

// roleSessions records the roles whose sessions were ended among a server's calls, and
// fails with err unless that is nil.
type roleSessions struct {
	server *transfertest.Server
	err    error
}

var _ transfer.Sessions = (*roleSessions)(nil)

func (r *roleSessions) EndSessions(_ context.Context, role string) error {
	r.server.Calls = append(r.server.Calls, "EndSessions "+role)
	return r.err
}

func operations(calls []string) (names []string) {
	for _, call := range calls {
		name, _, _ := strings.Cut(call, " ")
		names = append(names, name)
	}
	return names
}

const mark = "/sessions-to-end"

var (
	taking  = []string{"DescribeUser", "UpdateUser", "EndSessions", "UpdateUser"}
	giving  = []string{"DescribeUser", "UpdateUser"}
	nothing = []string{"DescribeUser"}
)

func TestSyncEndsSessionsOfWhatItTakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		give       []string
		change     func(*transfer.User)
		user       run.User
		want       []string
		wantReason string
	}{
		{"joined", nil, nil, alice("org-dev-data"), giving, "1 bucket added"},
		{"joined another stack", []string{"org-dev-data"}, nil, alice("org-dev-data", "org-prod-data"), giving, "1 bucket added"},
		{"in sync", []string{"org-dev-data"}, nil, alice("org-dev-data"), nothing, "everything was as it should be"},
		{"left one of two", []string{"org-dev-data", "org-prod-data"}, nil, alice("org-dev-data"), taking,
			"1 bucket removed, all open sessions of the role ended"},
		{"left one, joined another", []string{"org-dev-data"}, nil, alice("org-prod-data"), taking,
			"1 bucket added, 1 bucket removed, all open sessions of the role ended"},
		{"left the last", []string{"org-dev-data"}, nil, alice(), taking,
			"no stack group any more: 1 bucket removed, all open sessions of the role ended"},
		{"the policy was removed", []string{"org-dev-data"}, func(u *transfer.User) { u.Policy = "" }, alice("org-dev-data"), taking,
			"all open sessions of the role ended"},
		{"a bucket is in the way of another", []string{"org-dev-data"}, func(u *transfer.User) {
			u.Mappings = append(u.Mappings, transfer.Mapping{Entry: "/org-prod-data", Target: "/elsewhere"})
		}, alice("org-prod-data"), taking, "removed nevertheless: org-dev-data"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := transfertest.NewServer(email)
			sync(t, s, alice(tt.give...))
			user := s.Users[email]
			if tt.change != nil {
				tt.change(&user)
			}
			s.Users[email] = user
			syncer := transfer.Syncer{Users: s, SessionPolicy: true, Sessions: &roleSessions{server: s}}
			for _, step := range []struct {
				dryRun bool
				want   []string
			}{{true, nothing}, {false, tt.want}, {false, nothing}} {
				s.Calls = nil
				result, err := syncer.Sync(t.Context(), tt.user, step.dryRun)
				assert.Equal(t, step.want, operations(s.Calls))
				if err != nil {
					assert.Equal(t, errkind.Conflict, errkind.Of(err))
					result.Reason = err.Error()
				}
				if len(step.want) == len(taking) {
					assert.Contains(t, result.Reason, tt.wantReason)
					assert.Equal(t, "EndSessions "+transfertest.Role, s.Calls[2])
				}
				if step.dryRun {
					assert.Equal(t, user, s.Users[email])
				}
			}
			assert.NotContains(t, s.Entries(email), mark)
			want := transfertest.NewServer()
			want.Users[email] = user
			_, _ = newSyncer(want).Sync(t.Context(), tt.user, false)
			assert.Equal(t, want.Users[email], s.Users[email], "the same as without the setting")
		})
	}
}

// A sync that could not end sessions is not in sync, until one has ended them.
func TestSyncEndsSessionsAfterAFailure(t *testing.T) {
	t.Parallel()
	for _, kind := range []errkind.Kind{errkind.Throttled, errkind.Unavailable, errkind.AccessDenied, errkind.Misconfigured} {
		for _, user := range []run.User{alice("org-dev-data"), alice()} {
			s := transfertest.NewServer(email)
			sync(t, s, alice("org-dev-data", "org-prod-data"))
			sessions := &roleSessions{server: s, err: errkind.Errorf(kind, "refused")}
			syncer := transfer.Syncer{Users: s, SessionPolicy: true, Sessions: sessions}

			_, err := syncer.Sync(t.Context(), user, false)
			assert.Equal(t, kind, errkind.Of(err))
			require.ErrorContains(t, err, "open sessions live on, only logins show what they should (removed nevertheless: ")
			require.ErrorContains(t, err, "org-prod-data), and each run tries again: refused")
			assert.Contains(t, s.Entries(email), mark)
			assert.NotContains(t, s.Entries(email), "/org-prod-data")
			s.Calls = nil
			_, err = syncer.Sync(t.Context(), user, false)
			assert.Equal(t, kind, errkind.Of(err))
			assert.Equal(t, []string{"DescribeUser", "EndSessions"}, operations(s.Calls))

			other, err := newSyncer(s).Sync(t.Context(), user, false)
			require.NoError(t, err)
			assert.Contains(t, []run.Outcome{run.Unchanged, run.Skipped}, other.Outcome)
			assert.Contains(t, s.Entries(email), mark, "one that does not end sessions leaves the mark")
			mappings, err := transfer.Mappings{Lister: s, Users: s}.Mappings(t.Context())
			require.NoError(t, err)
			assert.Len(t, mappings, len(user.Buckets), "the mark is nobody's access")

			sessions.err = nil
			s.Calls = nil
			result, err := syncer.Sync(t.Context(), user, false)
			require.NoError(t, err)
			assert.Contains(t, result.Reason, "all open sessions of the role ended")
			assert.Equal(t, []string{"DescribeUser", "EndSessions", "UpdateUser"}, operations(s.Calls))
			assert.NotContains(t, s.Entries(email), mark)
		}
	}
}
