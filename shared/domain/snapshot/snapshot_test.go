package snapshot_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/snapshot"
)

// openerFunc makes a function a run.Opener.
type openerFunc func() (io.ReadCloser, error)

func (f openerFunc) Open(context.Context, run.Object) (io.ReadCloser, error) { return f() }

func text(s string) openerFunc {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
}

func fails(err error) openerFunc { return func() (io.ReadCloser, error) { return nil, err } }

func TestLoad(t *testing.T) {
	t.Parallel()
	cut := func() (io.ReadCloser, error) {
		r, w := io.Pipe()
		go func() {
			_, _ = io.WriteString(w, `{"accounts":`)
			w.CloseWithError(errkind.Errorf(errkind.Unavailable, "connection reset"))
		}()
		return r, nil
	}
	tests := []struct {
		name        string
		give        openerFunc
		want        *snapshot.Snapshot
		wantDamaged bool
		wantKind    errkind.Kind
	}{
		{name: "none", give: fails(run.ErrNoObject)},
		{name: "one", give: text(`{"execution":"e1","accounts":{"a@x.org":{"email":"A@x.org","stacks":["org-dev"]}},"new":1}`),
			want: &snapshot.Snapshot{Execution: "e1", Accounts: map[string]snapshot.Account{"a@x.org": {Email: "A@x.org", Stacks: []string{"org-dev"}}}}},
		{name: "no accounts yet", give: text(`{"accounts":{}}`), want: &snapshot.Snapshot{Accounts: map[string]snapshot.Account{}}},
		{name: "empty object", give: text(``), wantDamaged: true},
		{name: "cut short", give: text(`{"accounts":{"a@x.org":{"em`), wantDamaged: true},
		{name: "something else", give: text(`[]`), wantDamaged: true},
		{name: "without accounts", give: text(`{}`), wantDamaged: true},
		{name: "no connection", give: fails(errkind.Errorf(errkind.Unavailable, "no answer")), wantKind: errkind.Unavailable},
		{name: "connection lost", give: cut, wantKind: errkind.Unavailable},
		{name: "not allowed", give: fails(errkind.Errorf(errkind.AccessDenied, "not allowed")), wantKind: errkind.AccessDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := snapshot.Load(t.Context(), tt.give, "runs")
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.wantDamaged, errors.Is(err, snapshot.ErrDamaged), "%v", err)
			if tt.wantDamaged {
				assert.ErrorContains(t, err, "s3://runs/access.json")
			}
			if tt.wantKind != "" {
				assert.Equal(t, tt.wantKind, errkind.Of(err))
			}
		})
	}
}

func user(username, email string, stacks ...string) run.User {
	return run.User{Username: username, Email: email, Stacks: stacks}
}

// after returns the snapshot of a run, as later runs read it. Each user's sync had the
// outcome of that name, or else updated the account.
func after(t *testing.T, before *snapshot.Snapshot, metadata run.Metadata, outcomes map[string]run.Outcome, users ...run.User) *snapshot.Snapshot {
	t.Helper()
	recorder := snapshot.NewRecorder(before, metadata)
	for _, u := range users {
		result := run.Result{Username: u.Username, Email: u.Email, Outcome: run.Updated}
		if outcome, ok := outcomes[u.Username]; ok {
			result.Outcome = outcome
		}
		if result.Outcome == run.Failed {
			result.Error = "KeysMissing"
		}
		recorder.Record(u, result)
	}
	encoded, err := json.Marshal(recorder.Snapshot())
	require.NoError(t, err)
	got, err := snapshot.Load(t.Context(), text(string(encoded)), "runs")
	require.NoError(t, err)
	return got
}

// stacks returns the stacks of the accounts that have some.
func stacks(s *snapshot.Snapshot) map[string]string {
	got := map[string]string{}
	for name, account := range s.Accounts {
		if account.HasAccess() {
			got[name] = strings.Join(account.Stacks, " ")
		}
	}
	return got
}

func TestRecorderKeepsWhatTheRunGave(t *testing.T) {
	t.Parallel()
	whole := run.Metadata{Execution: "e2"}
	alice, bob := user("alice", "Alice@x.org", "org-dev"), user("bob", "bob@x.org", "org-dev", "org-prod")
	first := after(t, nil, whole, nil, alice, bob, user("bot", "", "org-dev"), user("out", "out@x.org"))
	assert.Equal(t, "e2", first.Execution)
	assert.Equal(t, map[string]string{"alice@x.org": "org-dev", "bob@x.org": "org-dev org-prod"}, stacks(first))
	assert.Equal(t, 2, first.CountWithAccess())
	assert.Len(t, first.Accounts, 3, "nobody without a tag")
	tests := []struct {
		name     string
		metadata run.Metadata
		users    []run.User
		outcomes map[string]run.Outcome
		want     map[string]string
	}{
		{"the stacks of now", whole, []run.User{user("alice", "alice@x.org", "org-prod"), bob}, nil,
			map[string]string{"alice@x.org": "org-prod", "bob@x.org": "org-dev org-prod"}},
		{"those from before if it failed", whole, []run.User{user("alice", "alice@x.org", "org-prod"), bob}, map[string]run.Outcome{"alice": run.Failed},
			map[string]string{"alice@x.org": "org-dev", "bob@x.org": "org-dev org-prod"}},
		{"nothing if skipped", whole, []run.User{alice, bob}, map[string]run.Outcome{"alice": run.Skipped},
			map[string]string{"bob@x.org": "org-dev org-prod"}},
		{"nothing if revoked", whole, []run.User{user("alice", "alice@x.org"), bob}, map[string]run.Outcome{"alice": run.Revoked},
			map[string]string{"bob@x.org": "org-dev org-prod"}},
		{"no leaver who was revoked", whole, []run.User{bob, user("", "Alice@x.org")}, map[string]run.Outcome{"": run.Revoked},
			map[string]string{"bob@x.org": "org-dev org-prod"}},
		{"a leaver who was not", whole, []run.User{bob, user("", "Alice@x.org")}, map[string]run.Outcome{"": run.Failed},
			map[string]string{"alice@x.org": "org-dev", "bob@x.org": "org-dev org-prod"}},
		{"the others after a run for one", run.Metadata{Username: "bob"}, []run.User{user("bob", "bob@x.org", "org-dev")}, nil,
			map[string]string{"alice@x.org": "org-dev", "bob@x.org": "org-dev"}},
		{"the others after a run for those who changed", run.Metadata{ChangedOnly: true}, []run.User{user("", "alice@x.org")}, map[string]run.Outcome{"": run.Revoked},
			map[string]string{"bob@x.org": "org-dev org-prod"}},
		{"both accounts of a user whose tag changed", run.Metadata{Username: "bob"}, []run.User{user("bob", "b2@x.org", "org-dev")}, nil,
			map[string]string{"alice@x.org": "org-dev", "bob@x.org": "org-dev org-prod", "b2@x.org": "org-dev"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, stacks(after(t, first, tt.metadata, tt.outcomes, tt.users...)))
		})
	}
}

// A leaver whom SFTPGo alone knew is tried again, too.
func TestFailedLeaverStays(t *testing.T) {
	t.Parallel()
	s := after(t, nil, run.Metadata{}, map[string]run.Outcome{"": run.Failed}, user("", "old@x.org"))
	assert.Equal(t, []snapshot.Account{{Email: "old@x.org", Failed: "KeysMissing"}}, s.Unclaimed(nil))
}

func TestUnclaimed(t *testing.T) {
	t.Parallel()
	s := after(t, nil, run.Metadata{}, map[string]run.Outcome{"failed": run.Failed, "skipped": run.Skipped},
		user("one", "One@x.org", "org-dev"), user("two", "two@x.org", "org-dev"), user("failed", "failed@x.org"), user("skipped", "skipped@x.org"))
	var names []string
	for _, account := range s.Unclaimed([]run.User{user("other", "TWO@x.org"), user("one", "new@x.org", "org-dev")}) {
		names = append(names, account.Email)
	}
	assert.Equal(t, []string{"failed@x.org", "One@x.org"}, names, "whoever may have something")
}

func TestChanged(t *testing.T) {
	t.Parallel()
	buckets := []run.Bucket{{Name: "org-dev-data", Region: "eu-west-1"}}
	alice, bob := user("alice", "alice@x.org", "org-dev"), user("bob", "bob@x.org", "org-dev")
	alice.Buckets, bob.Buckets = buckets, buckets
	s := after(t, nil, run.Metadata{}, map[string]run.Outcome{"failed": run.Failed}, alice, bob, user("failed", "failed@x.org"), user("bot", ""))
	changed := func(change func(*run.User)) run.User {
		u := alice
		change(&u)
		return u
	}
	tests := []struct {
		name string
		give []run.User
		want []string
	}{
		{"nobody", []run.User{alice, bob}, nil},
		{"a stack", []run.User{changed(func(u *run.User) { u.Stacks = nil }), bob}, []string{"alice"}},
		{"a bucket", []run.User{changed(func(u *run.User) { u.Buckets = nil }), bob}, []string{"alice"}},
		{"a bucket's region", []run.User{changed(func(u *run.User) { u.Buckets = []run.Bucket{{Name: "org-dev-data", Region: "us-east-1"}} }), bob}, []string{"alice"}},
		{"the tag", []run.User{changed(func(u *run.User) { u.Email = "a2@x.org" }), bob}, []string{"alice"}},
		{"the key of the folders", []run.User{changed(func(u *run.User) { u.Key = "alice_x_org_1" }), bob}, []string{"alice"}},
		{"a new user", []run.User{alice, bob, user("new", "new@x.org")}, []string{"new"}},
		{"the tag's other user", []run.User{alice, user("also", "ALICE@x.org"), bob}, []string{"alice", "also"}},
		{"whose last sync failed", []run.User{alice, user("failed", "failed@x.org")}, []string{"failed"}},
		{"an account that nobody claims", []run.User{alice, user("", "old@x.org")}, []string{""}},
		{"never one without a tag", []run.User{alice, user("bot", "", "org-dev"), user("bot2", "")}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, usernames(s.Changed(tt.give, nil)))
		})
	}
	assert.Equal(t, []string{"bob"}, usernames(s.Changed([]run.User{alice, bob, user("bot", "")}, map[string]bool{"bob": true, "bot": true, "gone": true})))
	var none *snapshot.Snapshot
	assert.Equal(t, []string{"alice", "bob"}, usernames(none.Changed([]run.User{alice, user("bot", ""), bob}, nil)))
}

func usernames(users []run.User) (names []string) {
	for _, u := range users {
		names = append(names, u.Username)
	}
	return names
}
