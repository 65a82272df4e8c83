package discover_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

func TestLeave(t *testing.T) {
	t.Parallel()
	users := []discover.IAMUser{
		{Username: "bob", Groups: []string{"org-dev-users", "org-prod-users"}},
		{Username: "alice", Email: "a@x.org", Groups: []string{"org-dev-users", "staff", "org-dev-admins", "org-prod-users"}},
		{Username: "carol", Groups: []string{"staff"}},
	}
	tests := []struct {
		name, username, group string
		groups, others        []string
		err                   string
		kind                  errkind.Kind
	}{
		{"the only group of a stack", "alice", "org-prod-users", []string{"org-dev-admins", "org-dev-users", "staff"}, nil, "", ""},
		{"another gives the stack", "alice", "org-dev-users", []string{"org-dev-admins", "org-prod-users", "staff"}, []string{"org-dev-admins"}, "", ""},
		{"no such user", "zoe", "org-dev-users", nil, nil, `there is no IAM user "zoe"`, errkind.NotEligible},
		{"no stack group", "alice", "staff", nil, nil, `"staff" is no stack group, so leaving it takes nothing`, errkind.InvalidInput},
		{"no such group", "alice", "org-dev-usrs", nil, nil,
			"there is no group org-dev-usrs, or nobody is in it; the stack groups of alice are org-dev-admins, org-dev-users, org-prod-users", errkind.InvalidInput},
		{"not in it", "bob", "org-dev-admins", nil, nil, "bob is not in the group org-dev-admins; the stack groups of bob are org-dev-users, org-prod-users", errkind.InvalidInput},
		{"in none", "carol", "org-dev-users", nil, nil, "carol is not in the group org-dev-users; carol is in no stack group", errkind.InvalidInput},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			left, others, err := discover.Leave(users, tt.username, tt.group)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				assert.Equal(t, tt.kind, errkind.Of(err))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.others, others)
			assert.Equal(t, discover.IAMUser{Username: "alice", Email: "a@x.org", Groups: tt.groups}, left[1])
			assert.Len(t, users[1].Groups, 4, "what was read stays")
		})
	}
}
