package transfer_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/stack"
	"github.com/digipres/sync-users/shared/domain/transfer"
	"github.com/digipres/sync-users/shared/domain/transfer/transfertest"
)

// sessionPolicy is one with the elements that it may have.
type sessionPolicy struct {
	Statement []struct {
		Effect           string
		Action, Resource []string
	}
}

func parsePolicy(t require.TestingT, text string) (p sessionPolicy) {
	require.NoError(t, json.Unmarshal([]byte(text), &p))
	return p
}

// allows evaluates the policy as IAM does.
func (p sessionPolicy) allows(action, resource string) bool {
	allowed := false
	for _, s := range p.Statement {
		if !slices.ContainsFunc(s.Action, func(p string) bool { return wildcardMatches(p, action) }) ||
			!slices.ContainsFunc(s.Resource, func(p string) bool { return wildcardMatches(p, resource) }) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

// wildcardMatches reports whether a pattern with * matches a text.
func wildcardMatches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}

const bucketARN = "arn:aws:s3:::"

// Whatever buckets a user is shown, their session policy fits, allows to read all of
// them and to write all but managed ones, and allows nothing in replication copies and
// other stacks; or it is refused, and the user is as before.
func TestSessionPolicyAllowsWhatIsShown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.SampledFrom([]int{1, 2, 5, 10, 20, 60}).Draw(t, "count") // by name, by stack, and too many
		stacks := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z][a-z0-9]{1,12}-[a-z][a-z0-9]{1,6}`), count, count, rapid.ID[string]).Draw(t, "stacks")
		var buckets []string
		for _, name := range stacks {
			for i := range rapid.IntRange(1, 6).Draw(t, "buckets") {
				buckets = append(buckets, fmt.Sprintf("%s-data%d", name, i))
			}
			buckets = append(buckets, name+"-managed")
		}
		slices.Sort(buckets)
		s := transfertest.NewServer(email)
		if _, err := newSyncer(s).Sync(t.Context(), alice(buckets...), false); err != nil {
			require.ErrorContains(t, err, "AWS allows 2048")
			assert.Empty(t, s.Users[email].Mappings)
			return
		}
		text := s.Users[email].Policy
		require.LessOrEqual(t, len(text), 2048)
		policy := parsePolicy(t, text)
		for _, bucket := range buckets {
			assert.True(t, policy.allows("s3:ListBucket", bucketARN+bucket))
			assert.True(t, policy.allows("s3:GetObject", bucketARN+bucket+"/folder/file"))
			for _, action := range []string{"s3:PutObject", "s3:DeleteObject"} {
				assert.Equal(t, !stack.IsManaged(bucket), policy.allows(action, bucketARN+bucket+"/folder/file"), "%s in %s", action, bucket)
			}
			assert.False(t, policy.allows("s3:ListBucket", bucketARN+bucket+"-repl"))
			assert.False(t, policy.allows("s3:GetObject", bucketARN+bucket+"-repl/file"))
			assert.False(t, policy.allows("s3:PutBucketPolicy", bucketARN+bucket))
			assert.True(t, policy.allows("s3:PutObject", bucketARN+stacks[0]+"-data0/my-managed/file"), "a folder named like a managed bucket")
		}
		other := "z" + stacks[0] + "-data"
		if name, ok := stack.OfBucket(other); ok && !slices.Contains(stacks, name) {
			assert.False(t, policy.allows("s3:ListBucket", bucketARN+other))
		}
	})
}

// Whatever memberships and own mappings there are one after the other, a user sees
// exactly their buckets and the own mappings, and the next sync writes nothing.
func TestSyncConverges(t *testing.T) {
	t.Parallel()
	all := []string{"org-dev-data", "org-dev-managed", "org-prod-data", "org-prod-logs", "org-test-data"}
	owns := []transfer.Mapping{
		{Entry: "/own", Target: "/elsewhere/own"}, {Entry: "/report.pdf", Target: "/elsewhere/${transfer:UserName}.pdf", File: true},
		{Entry: "/prod", Target: "/org-prod-data/inbox"}, mapped("/org-dev-data-repl"), mapped("/elsewhere"),
	}
	rapid.Check(t, func(t *rapid.T) {
		s := transfertest.NewServer()
		own := rapid.SliceOfDistinct(rapid.SampledFrom(owns), rapid.ID[transfer.Mapping]).Draw(t, "own")
		s.Users[email] = transfer.User{Name: email, Role: transfertest.Role, Logical: len(own) > 0, Mappings: own}
		for range rapid.IntRange(1, 5).Draw(t, "steps") {
			user := alice(rapid.SliceOfDistinct(rapid.SampledFrom(all), rapid.ID[string]).Draw(t, "buckets")...)
			syncer := transfer.Syncer{Users: s, SessionPolicy: rapid.Bool().Draw(t, "session policy")}
			managed := len(s.Users[email].Mappings) > len(own)
			if _, err := syncer.Sync(t.Context(), user, false); err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, m := range own {
				want = append(want, m.Entry)
			}
			for _, b := range user.Buckets {
				want = append(want, "/"+b.Name)
			}
			if want == nil && managed {
				want = []string{"/no-access"}
			}
			slices.Sort(want)
			if got := s.Entries(email); !slices.Equal(got, want) {
				t.Fatalf("sees %v, want %v", got, want)
			}
			s.Calls = nil
			again, err := syncer.Sync(t.Context(), user, false)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Calls) != 1 || again.Outcome == run.Updated || again.Outcome == run.Revoked {
				t.Fatalf("second sync: %s, called %v", again.Outcome, s.Calls)
			}
		}
	})
}

func TestSessionPolicyAtItsLimit(t *testing.T) {
	t.Parallel()
	lengthWith := func(bucket string, others ...string) int {
		s := transfertest.NewServer(email)
		_, err := newSyncer(s).Sync(t.Context(), alice(append(others, bucket)...), false)
		require.NoError(t, err)
		return len(s.Users[email].Policy)
	}
	var others []string
	for i := range 15 {
		others = append(others, fmt.Sprintf("organization-dev-data%02d", i))
	}
	last := "organization-dev-x"
	for lengthWith(last, others...)+2 <= 2048 { // A bucket's name is in it twice.
		last += "x"
	}
	assert.GreaterOrEqual(t, lengthWith(last, others...), 2047, "each bucket by name")
	s := transfertest.NewServer(email)
	sync(t, s, alice(append(others, last+"x")...))
	assert.Less(t, len(s.Users[email].Policy), 1000, "by stack")
}

func TestSessionPolicyOfManyMappings(t *testing.T) {
	t.Parallel()
	for _, count := range []int{51, 1_000} {
		var buckets []string
		for i := range count {
			buckets = append(buckets, fmt.Sprintf("org-dev-data%05d", i))
		}
		s := transfertest.NewServer(email)
		assert.Equal(t, fmt.Sprintf("%d buckets added", count), sync(t, s, alice(buckets...)).Reason)
		assert.Len(t, s.Users[email].Mappings, count)
		assert.Equal(t, run.Unchanged, sync(t, s, alice(buckets...)).Outcome)
	}
	var buckets []string
	for i := range 50_001 {
		buckets = append(buckets, fmt.Sprintf("org-dev-data%05d", i))
	}
	_, err := newSyncer(transfertest.NewServer(email)).Sync(t.Context(), alice(buckets...), false)
	assert.ErrorContains(t, err, "would have 50001 logical directories, and AWS allows 50000")
}

// What an administrator mapped is allowed by the session policy, too.
func TestSessionPolicyAllowsOwnMappings(t *testing.T) {
	t.Parallel()
	manyBuckets := make([]string, 0, 40)
	for i := range 40 {
		manyBuckets = append(manyBuckets, fmt.Sprintf("org-dev-data%02d", i))
	}
	file := transfer.Mapping{Entry: "/file", Target: "/elsewhere/a$b?*.pdf", File: true}
	tests := []struct {
		name    string
		give    transfer.Mapping
		buckets []string
		// allowed and denied are an action and the rest of an ARN.
		allowed, denied []string
	}{
		{"a bucket", mapped("/elsewhere"), manyBuckets[:1],
			[]string{"s3:ListBucket elsewhere", "s3:PutObject elsewhere/a/b"}, []string{"s3:GetObject elsewhere2/a"}},
		{"a folder", transfer.Mapping{Entry: "/f", Target: "/elsewhere/f/"}, manyBuckets[:1],
			[]string{"s3:ListBucket elsewhere", "s3:PutObject elsewhere/f/b"}, []string{"s3:GetObject elsewhere/f2"}},
		{"a file", file, manyBuckets[:1],
			[]string{"s3:ListBucket elsewhere", "s3:GetObject elsewhere/a${$}b${?}${*}.pdf"}, []string{"s3:GetObject elsewhere/a", "s3:GetObject elsewhere/a/b"}},
		{"a folder, beside stacks by wildcard", transfer.Mapping{Entry: "/f", Target: "/elsewhere/f"}, manyBuckets,
			[]string{"s3:PutObject elsewhere/f/b", "s3:PutObject org-dev-data01/f"}, []string{"s3:GetObject elsewhere/g"}},
		{"a folder of a managed bucket is for reading", transfer.Mapping{Entry: "/reports", Target: "/org-prod-managed/reports"}, manyBuckets[:1],
			[]string{"s3:GetObject org-prod-managed/reports/1"}, []string{"s3:PutObject org-prod-managed/reports/1", "s3:GetObject org-prod-managed/other"}},
		{"a folder of a managed bucket of a stack by wildcard", transfer.Mapping{Entry: "/reports", Target: "/org-dev-managed/reports"}, manyBuckets,
			[]string{"s3:GetObject org-dev-managed/reports/1"}, []string{"s3:PutObject org-dev-managed/reports/1"}},
		{"a replication copy", mapped("/org-dev-data-repl"), manyBuckets[:1], []string{"s3:GetObject org-dev-data-repl/a"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := transfertest.NewServer()
			s.Users[email] = transfer.User{Name: email, Role: transfertest.Role, Logical: true, Mappings: []transfer.Mapping{tt.give}}
			sync(t, s, alice(tt.buckets...))
			assert.Contains(t, s.Users[email].Mappings, tt.give)
			policy := parsePolicy(t, s.Users[email].Policy)
			for _, want := range tt.allowed {
				action, arn, _ := strings.Cut(want, " ")
				assert.True(t, policy.allows(action, bucketARN+arn), want)
			}
			for _, want := range tt.denied {
				action, arn, _ := strings.Cut(want, " ")
				assert.False(t, policy.allows(action, bucketARN+arn), want)
			}
		})
	}
	s := transfertest.NewServer()
	s.Users[email] = transfer.User{Name: email, Role: transfertest.Role, Logical: true, Mappings: []transfer.Mapping{mapped("/org-dev-data-repl")}}
	_, err := newSyncer(s).Sync(t.Context(), alice(manyBuckets...), false)
	assert.ErrorContains(t, err, "it would deny arn:aws:s3:::org-dev-data-repl, which an administrator mapped; remove that mapping")
}

func TestSessionPolicyOfAnotherPartition(t *testing.T) {
	t.Parallel()
	s := transfertest.NewServer()
	s.Users[email] = transfer.User{Name: email, Role: strings.Replace(transfertest.Role, "arn:aws:", "arn:aws-cn:", 1)}
	sync(t, s, alice("org-dev-data"))
	assert.True(t, parsePolicy(t, s.Users[email].Policy).allows("s3:GetObject", "arn:aws-cn:s3:::org-dev-data/a"))
}
