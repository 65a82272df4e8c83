package losses_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/losses"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/snapshot"
)

func TestLimit(t *testing.T) {
	t.Parallel()
	zero, many := 0, 1000
	tests := []struct {
		setting *int
		people  int
		want    int
	}{
		{nil, 0, 5}, {nil, 50, 5}, {nil, 59, 5}, {nil, 60, 6}, {nil, 100, 10}, {nil, 5000, 500},
		{&zero, 100, 0}, {&many, 100, 1000},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, losses.Limit(tt.setting, tt.people), "%d people", tt.people)
	}
}

func user(username, email string, stacks ...string) run.User {
	return run.User{Username: username, Email: email, Stacks: stacks}
}

func before(users ...run.User) snapshot.Snapshot {
	recorder := snapshot.NewRecorder(nil, run.Metadata{})
	for _, u := range users {
		recorder.Record(u, run.Result{Outcome: run.Updated})
	}
	return recorder.Snapshot()
}

func TestFind(t *testing.T) {
	t.Parallel()
	s := before(user("alice", "Alice@x.org", "org-dev", "org-prod"), user("bob", "bob@x.org", "org-dev"), user("none", "none@x.org"))
	shared := user("one", "alice@x.org", "org-dev")
	shared.Shared = &run.Access{Stacks: []string{"org-dev", "org-prod"}}
	all := []run.User{user("alice", "alice@x.org", "org-dev", "org-prod"), user("bob", "bob@x.org", "org-dev"), user("none", "none@x.org")}
	bob := losses.Loss{Username: "bob", Email: "bob@x.org", Stacks: []string{"org-dev"}}
	bobAll := bob
	bobAll.Everything = true
	tests := []struct {
		name string
		give []run.User
		want []losses.Loss
	}{
		{"nobody", all, []losses.Loss{}},
		{"who gains loses nothing", []run.User{all[0], user("bob", "bob@x.org", "org-dev", "org-new")}, []losses.Loss{}},
		{"one stack of two", []run.User{user("alice", "alice@x.org", "org-dev"), all[1]},
			[]losses.Loss{{Username: "alice", Email: "Alice@x.org", Stacks: []string{"org-prod"}}}},
		{"one stack for another", []run.User{all[0], user("bob", "bob@x.org", "org-new")}, []losses.Loss{bob}},
		{"everything", []run.User{all[0], user("bob", "bob@x.org")}, []losses.Loss{bobAll}},
		{"the tag is gone", []run.User{all[0], user("bob", ""), user("", "bob@x.org")}, []losses.Loss{bobAll}},
		{"the user is gone", []run.User{all[0]}, []losses.Loss{bobAll}},
		{"another user has the tag", []run.User{all[0], user("rob", "bob@x.org", "org-dev")}, []losses.Loss{}},
		{"of two users with the tag, one is in the group", []run.User{shared, all[1]}, []losses.Loss{}},
		{"an account that no run gave", append(all[:3:3], user("", "old@x.org")), []losses.Loss{{Email: "old@x.org", Everything: true}}},
		{"a stack without buckets", []run.User{all[0], {Username: "bob", Email: "bob@x.org", Stacks: []string{"org-dev"}, Buckets: nil}}, []losses.Loss{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, losses.Find(s, tt.give))
		})
	}
}

// leaving returns a hundred users, of whom so many have left their group.
func leaving(n int) []run.User {
	var users []run.User
	for i := range 100 {
		u := user(fmt.Sprintf("user%02d", i), fmt.Sprintf("user%02d@example.org", i), "org-dev")
		if i < n {
			u.Stacks = nil
		}
		users = append(users, u)
	}
	return users
}

func TestCheckAtTheLimit(t *testing.T) {
	t.Parallel()
	three := 3
	tests := []struct {
		setting *int
		leave   int
		want    errkind.Kind
	}{
		{nil, 0, ""}, {nil, 10, ""}, {nil, 11, errkind.TooManyLosses}, {&three, 3, ""}, {&three, 4, errkind.TooManyLosses},
	}
	for _, tt := range tests {
		err := losses.Check(tt.setting, before(leaving(0)...), leaving(tt.leave))
		if tt.want == "" {
			assert.NoError(t, err)
		} else {
			assert.Equal(t, tt.want, errkind.Of(err), "%d leave", tt.leave)
		}
	}
}

func TestCheckSaysWhoAndWhatToDo(t *testing.T) {
	t.Parallel()
	err := losses.Check(nil, before(leaving(0)...), leaving(50))
	require.Error(t, err)
	text := err.Error()
	assert.Regexp(t, "^50 people would lose access, of 100 who have some; more than 10 may not", text)
	assert.Contains(t, text, `{"acceptLosses": true}`)
	assert.Contains(t, text, "`sync-users start --accept-losses`")
	assert.Contains(t, text, "`sync-users plan`")
	assert.Contains(t, text, "  user00 <user00@example.org>: everything (org-dev)\n")
	assert.Contains(t, text, "  user19 <user19@example.org>: everything (org-dev)\n  … and 30 more\n")
}

// A function cuts the text of an error after 4 KiB, which is enough for what to do.
func TestWhatToDoComesFirst(t *testing.T) {
	t.Parallel()
	var users, gone []run.User
	for i := range 30 {
		u := user(fmt.Sprintf("%02d%s", i, strings.Repeat("n", 62)), fmt.Sprintf("%02d%s@example.org", i, strings.Repeat("e", 62)))
		gone = append(gone, u)
		for s := range 9 {
			u.Stacks = append(u.Stacks, fmt.Sprintf("institution-environment%d", s))
		}
		users = append(users, u)
	}
	err := losses.Check(nil, before(users...), gone)
	require.Error(t, err)
	assert.Contains(t, err.Error(), "institution-environment2 and 6 more)")
	assert.Less(t, strings.Index(err.Error(), "acceptLosses"), 1<<10)
}
