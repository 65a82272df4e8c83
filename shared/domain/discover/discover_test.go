package discover_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
	"github.com/digipres/sync-users/shared/domain/stack"
)

// fakeAWS is IAM, S3, the lock and the executions in memory.
type fakeAWS struct {
	iamUsers []discover.IAMUser
	buckets  []run.Bucket
	owner    string // the execution that owns the lock
	readErr  error  // the error of IAMUsers
	saved    map[string]any
	objects  map[string]string // of the runs bucket, before the run
	reads    int               // calls of IAMUsers
	// moves are what IAMUsers returns before it returns iamUsers, one after the other.
	moves [][]discover.IAMUser
	// running are the running executions, newest first; those of unlisted names are
	// not in the list yet.
	running  []run.Execution
	unlisted string
	listErr  error
	// keyChanges are in the queue, until they are deleted.
	keyChanges []discover.KeyChange
	keysErr    error
}

var (
	_ discover.UserDirectory = (*fakeAWS)(nil)
	_ discover.BucketLister  = (*fakeAWS)(nil)
	_ runlock.Store          = (*fakeAWS)(nil)
	_ discover.Executions    = (*fakeAWS)(nil)
	_ discover.Runs          = (*fakeAWS)(nil)
	_ discover.KeyChanges    = (*fakeAWS)(nil)
)

func (c *fakeAWS) IAMUsers(context.Context) ([]discover.IAMUser, error) {
	c.reads++
	if len(c.moves) > 0 {
		users := c.moves[0]
		c.moves = c.moves[1:]
		return users, c.readErr
	}
	return c.iamUsers, c.readErr
}

func (c *fakeAWS) Buckets(_ context.Context, wanted func(string) bool) ([]run.Bucket, error) {
	var got []run.Bucket
	for _, b := range c.buckets {
		if wanted(b.Name) {
			got = append(got, b)
		}
	}
	return got, nil
}

func (c *fakeAWS) Read(context.Context) (runlock.Record, error) {
	return runlock.Record{Owner: c.owner}, nil
}

func (c *fakeAWS) CompareAndSwap(_ context.Context, owner, _ string) error {
	c.owner = owner
	return nil
}

func (c *fakeAWS) Lookup(_ context.Context, arn string) (run.Execution, bool, error) {
	for _, e := range c.running {
		if e.ARN == arn {
			return e, true, nil
		}
	}
	return run.Execution{Status: run.StatusRunning}, true, nil
}

func (c *fakeAWS) Running(context.Context, string) ([]run.Execution, error) {
	var running []run.Execution
	for _, e := range c.running {
		if e.Input = ""; e.Name != c.unlisted {
			e.Status = run.StatusRunning
			running = append(running, e)
		}
	}
	return running, c.listErr
}

func (c *fakeAWS) Save(_ context.Context, key string, value any) (run.Object, error) {
	if c.saved == nil {
		c.saved = map[string]any{}
	}
	c.saved[key] = value
	return run.Object{Bucket: "runs", Key: key}, nil
}

func (c *fakeAWS) Receive(context.Context, bool) ([]discover.KeyChange, error) {
	return c.keyChanges, c.keysErr
}

func (c *fakeAWS) Delete(_ context.Context, changes []discover.KeyChange) error {
	c.keyChanges = slices.DeleteFunc(c.keyChanges, func(change discover.KeyChange) bool { return slices.Contains(changes, change) })
	return c.keysErr
}

func (c *fakeAWS) Open(_ context.Context, object run.Object) (io.ReadCloser, error) {
	text, ok := c.objects[object.Key]
	if !ok {
		return nil, run.ErrNoObject
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

func iamUser(username, email string, groups ...string) discover.IAMUser {
	return discover.IAMUser{Username: username, Email: email, Groups: groups}
}

func bucket(name string) run.Bucket { return run.Bucket{Name: name, Region: "eu-west-1"} }

var buckets = []run.Bucket{
	bucket("org-prod-data"), bucket("org-dev-managed"), bucket("org-dev-data"), bucket("org-dev-data-repl"), bucket("website"),
}

func users(t *testing.T, iamUsers ...discover.IAMUser) map[string]run.User {
	t.Helper()
	c := &fakeAWS{iamUsers: iamUsers, buckets: buckets}
	found, err := discover.Users(t.Context(), c, c)
	require.NoError(t, err)
	byName := map[string]run.User{}
	for _, u := range found {
		byName[u.Username] = u
	}
	return byName
}

func TestUsersFindsStacksAndBuckets(t *testing.T) {
	t.Parallel()
	got := users(t,
		iamUser("zoe", " zoe@x.org ", "org-dev-admins", "org-prod-users", "org-dev-users", "staff"),
		iamUser("bot", "", "org-dev-users"),
		iamUser("new", "new@x.org", "org-test-users"),
		iamUser("out", "out@x.org", "staff"),
	)
	assert.Equal(t, run.User{
		Username: "zoe", Email: "zoe@x.org", Key: "zoe_x_org", Stacks: []string{"org-dev", "org-prod"},
		Buckets: []run.Bucket{bucket("org-dev-data"), bucket("org-dev-managed"), bucket("org-prod-data")},
	}, got["zoe"], "each bucket once, replicas never")
	assert.Equal(t, "no Email tag", got["bot"].IneligibleReason())
	assert.Equal(t, "no stack group", got["out"].IneligibleReason())
	assert.True(t, got["new"].LeavesAlone("org-test-data"))
	assert.False(t, got["new"].LeavesAlone("org-test-data-repl"))
	assert.False(t, got["zoe"].LeavesAlone("org-dev-data"))
	assert.False(t, got["zoe"].LeavesAlone("org-test-data"), "no stack of hers")
	assert.Empty(t, got["new"].Buckets)
}

func TestUsersNameTheTagThatIsMissing(t *testing.T) {
	t.Parallel()
	got := users(t, discover.IAMUser{Username: "alice", AccountTag: "SftpUser", Groups: []string{"org-dev-users"}})
	assert.Equal(t, "no SftpUser tag", got["alice"].IneligibleReason())
}

func TestUsersAreInOrderOfName(t *testing.T) {
	t.Parallel()
	c := &fakeAWS{iamUsers: []discover.IAMUser{iamUser("b", ""), iamUser("a", "")}, buckets: buckets}
	got, err := discover.Users(t.Context(), c, c)
	require.NoError(t, err)
	assert.Equal(t, "a", got[0].Username)
}

func TestUsersHaveUniqueKeys(t *testing.T) {
	t.Parallel()
	got := users(t, iamUser("one", "a.b@x.org"), iamUser("two", "a_b@x.org"), iamUser("three", "c@x.org"))
	assert.Equal(t, stack.UniqueKey("a.b@x.org"), got["one"].Key)
	assert.Equal(t, stack.UniqueKey("a_b@x.org"), got["two"].Key)
	assert.Equal(t, "c_x_org", got["three"].Key)
	assert.Empty(t, got["one"].SharedWith)
}

func TestUsersHaveSharedWith(t *testing.T) {
	t.Parallel()
	got := users(t, iamUser("one", "a@x.org"), iamUser("two", "A@x.org"), iamUser("three", "a@x.org"))
	assert.Equal(t, []string{"three", "two"}, got["one"].SharedWith)
	assert.Equal(t, []string{"one", "three"}, got["two"].SharedWith)
	assert.Equal(t, "a_x_org", got["one"].Key, "the same tag is not another tag with the same key")
}

func TestUsersHaveWhatAnyOfThemShouldHave(t *testing.T) {
	t.Parallel()
	got := users(t,
		iamUser("one", "a@x.org", "org-dev-users", "org-prod-users"), iamUser("two", "A@x.org", "org-dev-admins", "org-new-users"),
		iamUser("three", "b@x.org"), iamUser("four", "b@x.org"), iamUser("five", "c@x.org", "org-dev-users"), iamUser("six", ""), iamUser("seven", ""))
	want := &run.Access{
		Stacks:  []string{"org-dev", "org-new", "org-prod"},
		Buckets: []run.Bucket{bucket("org-dev-data"), bucket("org-dev-managed"), bucket("org-prod-data")},
	}
	assert.Equal(t, want, got["one"].Shared)
	assert.Equal(t, want, got["two"].Shared)
	nothing, err := json.Marshal(got["three"])
	require.NoError(t, err)
	assert.Contains(t, string(nothing), `"shared":{"stacks":[],"buckets":[]}`, "nothing at all is not the same as unknown")
	for _, username := range []string{"five", "six", "seven"} {
		assert.Nil(t, got[username].Shared, username)
	}
}

func TestHandleSavesUsersOrReturnsKind(t *testing.T) {
	t.Parallel()
	alice, out := iamUser("alice", "alice@x.org", "org-dev-users"), iamUser("out", "out@x.org")
	readErr := errors.New("page two: no answer")
	tests := []struct {
		name     string
		give     fakeAWS
		input    string
		want     errkind.Kind
		wantText string
		wantRead bool
	}{
		{name: "all users", give: fakeAWS{iamUsers: []discover.IAMUser{alice, out}, buckets: buckets}, input: `{}`, wantRead: true},
		{name: "one user", give: fakeAWS{iamUsers: []discover.IAMUser{alice, out}, buckets: buckets}, input: `{"username":"alice"}`, wantRead: true},
		{name: "an earlier run is in progress", give: fakeAWS{owner: "earlier"}, input: `{}`, want: errkind.RunInProgress, wantText: "earlier"},
		{name: "invalid input does not wait for the lock", give: fakeAWS{owner: "earlier"}, input: `[]`, want: errkind.InvalidInput},
		{name: "unknown user", give: fakeAWS{iamUsers: []discover.IAMUser{alice}, buckets: buckets}, input: `{"username":"bob"}`,
			want: errkind.NotEligible, wantText: `no IAM user "bob"`, wantRead: true},
		{name: "user without a stack group", give: fakeAWS{iamUsers: []discover.IAMUser{alice, out}, buckets: buckets}, input: `{"username":"out"}`,
			want: errkind.NotEligible, wantText: "out is not eligible: no stack group", wantRead: true},
		{name: "IAM returns no users", give: fakeAWS{buckets: buckets}, input: `{}`, want: errkind.IncompleteReading, wantText: "no user", wantRead: true},
		{name: "S3 returns no stack buckets", give: fakeAWS{iamUsers: []discover.IAMUser{alice}}, input: `{}`,
			want: errkind.IncompleteReading, wantText: "no stack buckets", wantRead: true},
		{name: "IAM returns an error", give: fakeAWS{iamUsers: []discover.IAMUser{alice}, buckets: buckets, readErr: readErr}, input: `{}`,
			want: errkind.Unexpected, wantText: "page two", wantRead: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := tt.give
			f := discover.Function{Directory: &c, Buckets: &c, Lock: &c, Executions: &c, Runs: &c, KeyChanges: &c, ManagedBucket: "org-dev-managed", MaxConcurrency: 7}
			got, err := f.Handle(t.Context(), discover.Event{Execution: "e1", ExecutionARN: "arn:e1", Input: json.RawMessage(tt.input)})
			assert.Equal(t, tt.wantRead, c.reads > 0)
			if tt.want != "" {
				require.ErrorContains(t, err, tt.wantText)
				assert.Equal(t, tt.want, errkind.Of(err))
				assert.Empty(t, c.saved, "a run that does not start saves nothing")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, run.Object{Bucket: "runs", Key: "runs/e1/users.json"}, got.Users)
			assert.Equal(t, 7, got.MaxConcurrency)
			assert.Equal(t, "arn:e1", c.owner)
			assert.Contains(t, c.saved, "runs/e1/users.json")
		})
	}
}

const triggerEvent = `{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"org-dev-managed"},"object":{"key":"sync-users/TRIGGER"}}}`

// execution returns a running one that started so many seconds after the first.
func execution(name, input string, seconds int) run.Execution {
	return run.Execution{
		Name: name, ARN: "arn:" + name, Status: run.StatusRunning, Input: input,
		StartedAt: time.Date(2026, 11, 21, 10, 0, seconds, 0, time.UTC),
	}
}

func TestHandleGivesWayToANewerRun(t *testing.T) {
	t.Parallel()
	earlier := execution("earlier", `{}`, 0)
	tests := []struct {
		name   string
		input  string
		others []run.Execution
		change func(*fakeAWS)
		want   errkind.Kind
	}{
		{name: "nobody else waits", input: `{}`, want: errkind.RunInProgress},
		{name: "a newer one waits", input: `{}`, others: []run.Execution{execution("new", `{}`, 9)}, want: errkind.Superseded},
		{name: "an older one waits", input: `{}`, others: []run.Execution{execution("old", `{}`, 2)}, want: errkind.RunInProgress},
		{name: "one started at the same time", input: `{}`, others: []run.Execution{execution("twin", `{}`, 5)}, want: errkind.RunInProgress},
		{name: "the newer one syncs one user", input: `{}`, others: []run.Execution{execution("new", `{"username":"alice"}`, 9)}, want: errkind.RunInProgress},
		{name: "the newer one is a dry run", input: `{}`, others: []run.Execution{execution("new", `{"dryRun":true}`, 9)}, want: errkind.RunInProgress},
		{name: "the newer one's input is invalid", input: `{}`, others: []run.Execution{execution("new", `[]`, 9)}, want: errkind.RunInProgress},
		{name: "the newest but one does the same", input: `{}`, others: []run.Execution{execution("newest", `{"dryRun":true}`, 9), execution("new", `{}`, 8)}, want: errkind.Superseded},
		{name: "the newer one has ended", input: `{}`, others: []run.Execution{{Name: "new", ARN: "arn:new", Status: run.StatusFailed, Input: `{}`, StartedAt: earlier.StartedAt.Add(time.Hour)}}, want: errkind.RunInProgress},
		{name: "TRIGGER for TRIGGER", input: triggerEvent, others: []run.Execution{execution("new", triggerEvent, 9)}, want: errkind.Superseded},
		{name: "a schedule would leave TRIGGER in place", input: triggerEvent, others: []run.Execution{execution("new", `{}`, 9)}, want: errkind.RunInProgress},
		{name: "somebody wants that dry run", input: `{"dryRun":true}`, others: []run.Execution{execution("new", `{"dryRun":true}`, 9)}, want: errkind.RunInProgress},
		{name: "somebody wants that user", input: `{"username":"alice"}`, others: []run.Execution{execution("new", `{"username":"alice"}`, 9)}, want: errkind.RunInProgress},
		{name: "it is not in the list itself", input: `{}`, others: []run.Execution{execution("new", `{}`, 9)},
			change: func(c *fakeAWS) { c.unlisted = "e1" }, want: errkind.RunInProgress},
		{name: "the list can't be read", input: `{}`, others: []run.Execution{execution("new", `{}`, 9)},
			change: func(c *fakeAWS) { c.listErr = errors.New("no answer") }, want: errkind.RunInProgress},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &fakeAWS{owner: "arn:earlier", running: append(tt.others, execution("e1", tt.input, 5), earlier)}
			if tt.change != nil {
				tt.change(c)
			}
			f := discover.Function{Lock: c, Executions: c, ManagedBucket: "org-dev-managed"}
			_, err := f.Handle(t.Context(), discover.Event{Execution: "e1", ExecutionARN: "arn:e1", Input: json.RawMessage(tt.input)})
			assert.Equal(t, tt.want, errkind.Of(err), "%v", err)
			if tt.want == errkind.Superseded {
				assert.ErrorContains(t, err, "a newer run does the same: new")
			}
		})
	}
}

// Whoever uploads TRIGGER has just changed something, and IAM may show half of it.
func TestHandleConcludesNothingFromMembershipsThatChange(t *testing.T) {
	t.Parallel()
	before := []discover.IAMUser{iamUser("alice", "alice@x.org", "org-dev-users")}
	half := []discover.IAMUser{iamUser("alice", "alice@x.org")}
	after := []discover.IAMUser{iamUser("alice", "alice@x.org", "org-dev-admins")}
	tests := []struct {
		name       string
		input      string
		moves      [][]discover.IAMUser
		want       errkind.Kind
		wantStacks int
		wantReads  int
	}{
		{name: "settled", input: triggerEvent, wantStacks: 1, wantReads: 2},
		{name: "moved from one group to another", input: triggerEvent, moves: [][]discover.IAMUser{half}, wantStacks: 1, wantReads: 3},
		{name: "moving for long", input: triggerEvent, moves: [][]discover.IAMUser{before, half}, wantStacks: 1, wantReads: 4},
		{name: "moving for too long", input: triggerEvent, moves: [][]discover.IAMUser{half, before, half, before}, want: errkind.Unavailable, wantReads: 4},
		{name: "no change started the run", input: `{}`, wantStacks: 1, wantReads: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := &fakeAWS{iamUsers: after, moves: tt.moves, buckets: buckets}
				f := discover.Function{Directory: c, Buckets: c, Lock: c, Executions: c, Runs: c, KeyChanges: c, ManagedBucket: "org-dev-managed"}
				started := time.Now()
				_, err := f.Handle(t.Context(), discover.Event{Execution: "e1", ExecutionARN: "arn:e1", Input: json.RawMessage(tt.input)})
				assert.Equal(t, tt.wantReads, c.reads)
				assert.Equal(t, time.Duration(tt.wantReads-1)*5*time.Second, time.Since(started))
				if tt.want != "" {
					assert.Equal(t, tt.want, errkind.Of(err))
					assert.Empty(t, c.saved)
					return
				}
				require.NoError(t, err)
				assert.Len(t, c.saved["runs/e1/users.json"].([]run.User)[0].Stacks, tt.wantStacks)
			})
		})
	}
}
