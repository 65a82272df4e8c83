package discover_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/snapshot"
)

// crew returns n IAM users of the stack org-dev.
func crew(n int) []discover.IAMUser {
	var members []discover.IAMUser
	for i := range n {
		members = append(members, iamUser(fmt.Sprintf("user%02d", i), fmt.Sprintf("user%02d@x.org", i), "org-dev-users"))
	}
	return members
}

// takeSnapshot returns the snapshot after a run for these users. Those who failed are named.
func takeSnapshot(t *testing.T, failed string, iamUsers ...discover.IAMUser) string {
	t.Helper()
	c := &fakeAWS{iamUsers: iamUsers, buckets: buckets}
	all, err := discover.Users(t.Context(), c, c)
	require.NoError(t, err)
	recorder := snapshot.NewRecorder(nil, run.Metadata{})
	for _, u := range all {
		result := run.Result{Outcome: run.Updated}
		if u.Username == failed {
			result = run.Result{Outcome: run.Failed, Error: "KeysMissing"}
		}
		recorder.Record(u, result)
	}
	text, err := json.Marshal(recorder.Snapshot())
	require.NoError(t, err)
	return string(text)
}

// handle calls Handle, whose pauses take no time.
func handle(t *testing.T, f discover.Function, event discover.Event) (metadata run.Metadata, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { metadata, err = f.Handle(t.Context(), event) })
	return metadata, err
}

// discoverUsers returns the metadata of a run, and its users by username, or by account
// if nobody claims it.
func discoverUsers(t *testing.T, c *fakeAWS, input, listing string) (run.Metadata, []string, error) {
	t.Helper()
	f := discover.Function{Directory: c, Buckets: c, Lock: c, Executions: c, Runs: c, KeyChanges: c, RunsBucket: "runs", ManagedBucket: "org-dev-managed"}
	event := discover.Event{Execution: "e1", ExecutionARN: "arn:e1", Input: json.RawMessage(input), Listing: json.RawMessage(listing)}
	metadata, err := handle(t, f, event)
	var names []string
	saved, _ := c.saved["runs/e1/users.json"].([]run.User)
	for _, u := range saved {
		name := u.Username
		if name == "" {
			assert.Equal(t, run.User{Email: u.Email}, u, "an account that nobody claims should have nothing")
			name = u.Email
		}
		names = append(names, name)
	}
	return metadata, names, err
}

func TestHandleFindsAccountsThatNobodyClaims(t *testing.T) {
	t.Parallel()
	const listed = `{"accounts":{"bucket":"runs","key":"runs/e1/accounts.json"}}`
	three := crew(3)
	moved := three[2]
	moved.Email = "new@x.org"
	untagged := three[2]
	untagged.Email = ""
	tests := []struct {
		name     string
		input    string
		now      []discover.IAMUser
		snapshot bool
		accounts string // those that are listed
		listing  string
		want     []string
	}{
		{name: "nobody left", input: `{}`, now: three, snapshot: true, want: []string{"user00", "user01", "user02"}},
		{name: "user deleted", input: `{}`, now: three[:2], snapshot: true, want: []string{"user00", "user01", "user02@x.org"}},
		{name: "tag taken away", input: `{}`, now: append(three[:2:2], untagged), snapshot: true, want: []string{"user00", "user01", "user02", "user02@x.org"}},
		{name: "tag changed", input: `{}`, now: append(three[:2:2], moved), snapshot: true, want: []string{"user00", "user01", "user02", "user02@x.org"}},
		{name: "in a run for those who changed", input: `{"changedOnly":true}`, now: append(three[:2:2], moved), snapshot: true, want: []string{"user02", "user02@x.org"}},
		{name: "not in a run for one user", input: `{"username":"user00"}`, now: three[:2], snapshot: true, want: []string{"user00"}},
		{name: "listed by the server, in any case", input: `{}`, now: three, listing: listed, accounts: `["USER01@x.org","old@x.org"]`,
			want: []string{"user00", "user01", "user02", "old@x.org"}},
		{name: "listed and in the snapshot", input: `{}`, now: three[:2], snapshot: true, listing: listed, accounts: `["old@x.org","User02@x.org"]`,
			want: []string{"user00", "user01", "old@x.org", "User02@x.org"}},
		{name: "the run had no list", input: `{}`, now: three, listing: `{}`, want: []string{"user00", "user01", "user02"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &fakeAWS{iamUsers: tt.now, buckets: buckets, objects: map[string]string{"runs/e1/accounts.json": tt.accounts}}
			if tt.snapshot {
				c.objects[snapshot.Key] = takeSnapshot(t, "", three...)
			}
			metadata, got, err := discoverUsers(t, c, tt.input, tt.listing)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
			assert.Nil(t, metadata.ListingError)
		})
	}
}

// Without the list nobody is a leaver but those whom the last runs knew, and the run says so.
func TestHandleGoesOnWithoutTheList(t *testing.T) {
	t.Parallel()
	c := &fakeAWS{iamUsers: crew(2), buckets: buckets, objects: map[string]string{snapshot.Key: takeSnapshot(t, "", crew(3)...)}}
	metadata, got, err := discoverUsers(t, c, `{}`, `{"Error":"Unavailable","Cause":"{\"errorMessage\":\"page two\"}"}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"user00", "user01", "user02@x.org"}, got)
	assert.Equal(t, &run.Failure{Error: "Unavailable", Cause: `{"errorMessage":"page two"}`}, metadata.ListingError)

	c = &fakeAWS{iamUsers: crew(2), buckets: buckets, objects: map[string]string{"runs/e1/accounts.json": `["old@x.org",`}}
	_, _, err = discoverUsers(t, c, `{}`, `{"accounts":{"bucket":"runs","key":"runs/e1/accounts.json"}}`)
	assert.ErrorContains(t, err, "read the accounts that show folders")
	assert.Empty(t, c.saved)
}

func TestHandleStopsBeforeManyLoseAccess(t *testing.T) {
	t.Parallel()
	all := crew(100)
	left := func(n int) []discover.IAMUser {
		now := crew(100)
		for i := range n {
			now[i].Groups = nil
		}
		return now
	}
	const tooMany = "50 people would lose access, of 100 who have some"
	tests := []struct {
		name      string
		input     string
		now       []discover.IAMUser
		snapshot  string
		want      errkind.Kind
		wantUsers int
		wantNote  string
	}{
		{name: "nobody", input: `{}`, now: all, wantUsers: 100},
		{name: "at the limit", input: `{}`, now: left(10), wantUsers: 100},
		{name: "one above", input: `{}`, now: left(11), want: errkind.TooManyLosses},
		{name: "half of them deleted", input: `{}`, now: all[:50], want: errkind.TooManyLosses},
		{name: "accepted", input: `{"acceptLosses":true}`, now: left(50), wantUsers: 100},
		{name: "accepted for those who changed", input: `{"changedOnly":true,"acceptLosses":true}`, now: left(50), wantUsers: 50},
		{name: "those who changed count against everybody", input: `{"changedOnly":true}`, now: left(10), wantUsers: 10},
		{name: "too many of those who changed", input: `{"changedOnly":true}`, now: left(11), want: errkind.TooManyLosses},
		{name: "a dry run says so", input: `{"dryRun":true}`, now: left(50), wantUsers: 100, wantNote: tooMany},
		{name: "the first run", input: `{}`, now: left(50), snapshot: "none", wantUsers: 100},
		{name: "a run for one", input: `{"username":"user99"}`, now: left(50), wantUsers: 1},
		{name: "what they had is not known", input: `{}`, now: all, snapshot: `{"accounts":`, want: errkind.TooManyLosses},
		{name: "what they had is not known, and accepted", input: `{"acceptLosses":true}`, now: all, snapshot: `{"accounts":`, wantUsers: 100},
		{name: "what they had is not known, and a dry run", input: `{"dryRun":true}`, now: all, snapshot: `[]`, wantUsers: 100, wantNote: "s3://runs/access.json"},
		{name: "what they had is not known to a run for one", input: `{"username":"user00"}`, now: all, snapshot: `[]`, wantUsers: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &fakeAWS{iamUsers: tt.now, buckets: buckets, objects: map[string]string{}}
			switch tt.snapshot {
			case "none":
			case "":
				c.objects[snapshot.Key] = takeSnapshot(t, "", all...)
			default:
				c.objects[snapshot.Key] = tt.snapshot
			}
			metadata, got, err := discoverUsers(t, c, tt.input, "")
			if tt.want != "" {
				assert.Equal(t, tt.want, errkind.Of(err), "%v", err)
				assert.ErrorContains(t, err, `{"acceptLosses": true}`)
				assert.Empty(t, c.saved, "nobody is touched")
				return
			}
			require.NoError(t, err)
			assert.Len(t, got, tt.wantUsers)
			if tt.wantNote == "" {
				assert.Empty(t, metadata.TooManyLosses)
			} else {
				assert.Contains(t, metadata.TooManyLosses, tt.wantNote)
			}
		})
	}
}

func TestHandleSelectsThoseWhoChanged(t *testing.T) {
	t.Parallel()
	four := crew(4)
	joined := crew(4)
	joined[1].Groups = append(joined[1].Groups, "org-prod-users")
	tests := []struct {
		name     string
		now      []discover.IAMUser
		snapshot string
		want     []string
	}{
		{"nobody", four, takeSnapshot(t, "", four...), nil},
		{"one joined a group", joined, takeSnapshot(t, "", four...), []string{"user01"}},
		{"one failed", four, takeSnapshot(t, "user03", four...), []string{"user03"}},
		{"nothing is known", four, "", []string{"user00", "user01", "user02", "user03"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &fakeAWS{iamUsers: tt.now, buckets: buckets, objects: map[string]string{}}
			if tt.snapshot != "" {
				c.objects[snapshot.Key] = tt.snapshot
			}
			metadata, got, err := discoverUsers(t, c, `{"changedOnly":true}`, `{"changedOnly":true}`)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
			assert.True(t, metadata.ChangedOnly)
			assert.Equal(t, tt.want == nil, metadata.NothingChanged)
			if metadata.NothingChanged {
				assert.Empty(t, c.saved)
			}
		})
	}
}

// IAM may show the group that somebody was moved from, but not yet the one they were moved to.
func TestHandleReadsAgainBeforeAChangeTakesAccess(t *testing.T) {
	t.Parallel()
	before, half, moved, more := crew(2), crew(2), crew(2), crew(2)
	half[1].Groups = nil
	moved[1].Groups = []string{"org-dev-admins"}
	more[1].Groups = append(more[1].Groups, "org-prod-users")
	tests := []struct {
		name      string
		input     string
		moves     [][]discover.IAMUser
		now       []discover.IAMUser
		want      []string
		wantKind  errkind.Kind
		wantReads int
	}{
		{name: "nothing changed", input: `{"changedOnly":true}`, now: before, wantReads: 1},
		{name: "one gains a stack", input: `{"changedOnly":true}`, now: more, want: []string{"user01"}, wantReads: 1},
		{name: "one leaves a group", input: `{"changedOnly":true}`, now: half, want: []string{"user01"}, wantReads: 2},
		{name: "one is deleted", input: `{"changedOnly":true}`, now: before[:1], want: []string{"user01@x.org"}, wantReads: 2},
		{name: "one is moved to another group of the stack", input: `{"changedOnly":true}`, moves: [][]discover.IAMUser{half}, now: moved, wantReads: 3},
		{name: "memberships go on changing", input: `{"changedOnly":true}`, moves: [][]discover.IAMUser{half, before, half}, now: before, wantKind: errkind.Unavailable, wantReads: 4},
		{name: "a run for everybody", input: `{}`, now: half, want: []string{"user00", "user01"}, wantReads: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &fakeAWS{iamUsers: tt.now, moves: tt.moves, buckets: buckets, objects: map[string]string{snapshot.Key: takeSnapshot(t, "", before...)}}
			_, got, err := discoverUsers(t, c, tt.input, "")
			assert.Equal(t, tt.wantReads, c.reads)
			assert.Equal(t, tt.want, got)
			if tt.wantKind == "" {
				assert.NoError(t, err)
			} else {
				assert.Equal(t, tt.wantKind, errkind.Of(err), "%v", err)
			}
		})
	}
}

// The next run for those who changed finds what this one would have found.
func TestRunForThoseWhoChangedDoesNotWait(t *testing.T) {
	t.Parallel()
	c := &fakeAWS{iamUsers: crew(1), buckets: buckets, owner: "arn:earlier"}
	_, _, err := discoverUsers(t, c, `{"changedOnly":true}`, "")
	assert.Equal(t, errkind.Superseded, errkind.Of(err))
	assert.ErrorContains(t, err, "arn:earlier")
	assert.Zero(t, c.reads)
}

func TestHandleSelectsThoseWhoseKeysChanged(t *testing.T) {
	t.Parallel()
	three := crew(3)
	failure := errors.New("no answer")
	tests := []struct {
		name     string
		input    string
		now      []discover.IAMUser
		changes  []discover.KeyChange
		err      error
		want     []string
		wantLeft int
		wantErr  errkind.Kind
	}{
		{name: "one", input: `{"changedOnly":true}`, now: three, changes: []discover.KeyChange{{"user01", "1"}, {"user01", "2"}}, want: []string{"user01"}},
		{name: "nobody's", input: `{"changedOnly":true}`, now: three, changes: []discover.KeyChange{{"", "1"}, {"stranger", "2"}}},
		{name: "in a run for everybody", input: `{}`, now: three, changes: []discover.KeyChange{{"user01", "1"}}, want: []string{"user00", "user01", "user02"}},
		{name: "not in a run for one", input: `{"username":"user00"}`, now: three, changes: []discover.KeyChange{{"user01", "1"}}, want: []string{"user00"}, wantLeft: 1},
		{name: "not in a dry run", input: `{"changedOnly":true,"dryRun":true}`, now: three, changes: []discover.KeyChange{{"user01", "1"}}, wantLeft: 1},
		{name: "the queue can't be read", input: `{"changedOnly":true}`, now: three, err: failure},
		{name: "a run that does not start leaves them", input: `{"changedOnly":true}`, changes: []discover.KeyChange{{"user01", "1"}}, wantLeft: 1, wantErr: errkind.IncompleteReading},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &fakeAWS{
				iamUsers: tt.now, buckets: buckets, objects: map[string]string{snapshot.Key: takeSnapshot(t, "", three...)},
				keyChanges: tt.changes, keysErr: tt.err,
			}
			_, got, err := discoverUsers(t, c, tt.input, "")
			if tt.wantErr == "" {
				require.NoError(t, err)
			} else {
				assert.Equal(t, tt.wantErr, errkind.Of(err))
			}
			assert.Equal(t, tt.want, got)
			assert.Len(t, c.keyChanges, tt.wantLeft)
		})
	}
}
