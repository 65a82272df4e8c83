package transfer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/stack"
	"github.com/digipres/sync-users/shared/domain/syncuser"
	"github.com/digipres/sync-users/shared/domain/transfer"
	"github.com/digipres/sync-users/shared/domain/transfer/transfertest"
)

const email = "a.b@example.org"

// alice is the IAM user with the email and access to the buckets' stacks.
func alice(buckets ...string) run.User {
	u := run.User{Username: "alice", Email: email}
	for _, b := range buckets {
		u.Buckets = append(u.Buckets, run.Bucket{Name: b, Region: "eu-west-1"})
	}
	u.Stacks = stack.OfGroups(buckets)
	return u
}

func newSyncer(s *transfertest.Server) transfer.Syncer {
	return transfer.Syncer{Users: s, SessionPolicy: true}
}

func sync(t *testing.T, s *transfertest.Server, user run.User) run.Result {
	t.Helper()
	result, err := newSyncer(s).Sync(t.Context(), user, false)
	require.NoError(t, err)
	return result
}

func mapped(path string) transfer.Mapping { return transfer.Mapping{Entry: path, Target: path} }

const (
	adminsPolicy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`
	denyAll      = `{"Version":"2012-10-17","Statement":[{"Sid":"SyncUsersNoAccess","Effect":"Deny","Action":["*"],"Resource":["*"]}]}`
	allowAll     = `{"Version":"2012-10-17","Statement":[{"Sid":"SyncUsersRoleDecides","Effect":"Allow","Action":["*"],"Resource":["*"]}]}`
)

func TestSyncShowsBuckets(t *testing.T) {
	t.Parallel()
	s := transfertest.NewServer(email)
	result := sync(t, s, alice("org-dev-data", "org-dev-managed"))
	assert.Equal(t, run.Result{
		Username: "alice", Email: email, Outcome: run.Updated, Reason: "2 buckets added",
		Buckets: []string{"org-dev-data", "org-dev-managed"}, Added: []string{"org-dev-data", "org-dev-managed"},
	}, result)
	user := s.Users[email]
	assert.True(t, user.Logical)
	assert.Equal(t, []transfer.Mapping{mapped("/org-dev-data"), mapped("/org-dev-managed")}, user.Mappings)
	assert.Equal(t, transfertest.Role, user.Role)
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"SyncUsers","Effect":"Allow",
		 "Action":["s3:ListBucket","s3:GetBucketLocation","s3:GetObject*","s3:PutObject*","s3:DeleteObject*","s3:AbortMultipartUpload"],
		 "Resource":["arn:aws:s3:::org-dev-data","arn:aws:s3:::org-dev-data/*"]},
		{"Sid":"SyncUsersRead","Effect":"Allow","Action":["s3:ListBucket","s3:GetBucketLocation","s3:GetObject*"],
		 "Resource":["arn:aws:s3:::org-dev-managed","arn:aws:s3:::org-dev-managed/*"]},
		{"Sid":"SyncUsersKeys","Effect":"Allow","Action":["kms:Decrypt","kms:Encrypt","kms:GenerateDataKey*"],"Resource":["*"]}
	]}`, user.Policy)
	assert.Equal(t, []string{"DescribeUser " + email, "UpdateUser " + email}, s.Calls)

	s.Calls = nil
	assert.Equal(t, run.Unchanged, sync(t, s, alice("org-dev-data", "org-dev-managed")).Outcome)
	assert.Equal(t, []string{"DescribeUser " + email}, s.Calls)
}

// Each situation is one that a user can be in; give is the user as it is, and want as a
// sync leaves it.
func TestSyncOfEverySituation(t *testing.T) {
	t.Parallel()
	shown := transfertest.NewServer(email)
	sync(t, shown, alice("org-dev-data", "org-prod-data"))
	both := shown.Users[email]
	sync(t, shown, alice("org-dev-data"))
	one := shown.Users[email]
	sync(t, shown, alice())
	revoked := shown.Users[email]
	require.Equal(t, denyAll, revoked.Policy)
	require.Len(t, revoked.Mappings, 1)

	with := func(user transfer.User, changes ...func(*transfer.User)) transfer.User {
		for _, change := range changes {
			change(&user)
		}
		return user
	}
	mappings := func(m ...transfer.Mapping) func(*transfer.User) {
		return func(u *transfer.User) { u.Logical, u.Mappings = true, m }
	}
	policy := func(text string) func(*transfer.User) { return func(u *transfer.User) { u.Policy = text } }
	home := func(path string) func(*transfer.User) { return func(u *transfer.User) { u.HomeDirectory = path } }
	fresh := transfer.User{Name: email, Role: transfertest.Role}
	inAnotherOrder := mappings(mapped("/org-prod-data"), mapped("/org-dev-data"), mapped("/org-prod-data"))
	own := transfer.Mapping{Entry: "/own", Target: "/elsewhere/" + email}
	withVariable := mappings(transfer.Mapping{Entry: "/own", Target: "/elsewhere/${Transfer:UserName}"}, mapped("/org-dev-data"))
	withOwn := transfertest.NewServer()
	withOwn.Users[email] = with(fresh, mappings(own))
	sync(t, withOwn, alice("org-dev-data"))
	oneWithOwn := withOwn.Users[email]
	withoutBuckets := alice("org-dev-data")
	withoutBuckets.Stacks = append(withoutBuckets.Stacks, "org-prod")

	tests := []struct {
		name        string
		give        transfer.User
		user        run.User
		want        transfer.User
		wantOutcome run.Outcome
		wantReason  string
	}{
		{"joined another stack", one, alice("org-dev-data", "org-prod-data"), both, run.Updated, "1 bucket added"},
		{"left one of two", both, alice("org-dev-data"), one, run.Updated, "1 bucket removed, open sessions keep access until they end"},
		{"left the last", one, alice(), revoked, run.Revoked, "no stack group any more: 1 bucket removed, open sessions keep access until they end"},
		{"still without a stack", revoked, alice(), revoked, run.Skipped, "no stack group"},
		{"given access again", revoked, alice("org-dev-data"), one, run.Updated, "1 bucket added"},
		{"never had a stack", fresh, alice(), fresh, run.Skipped, "no stack group"},
		{"never had a stack, with own things", with(fresh, mappings(own), policy(adminsPolicy)), alice(),
			with(fresh, mappings(own), policy(adminsPolicy)), run.Skipped, "no stack group"},
		{"no bucket found of the only stack", fresh, run.User{Username: "alice", Email: email, Stacks: []string{"org-new"}}, fresh,
			run.Skipped, "no bucket found for org-new"},
		{"no bucket found of one of two stacks", both, withoutBuckets, both, run.Unchanged, "everything was as it should be"},

		{"mappings in another order, and twice", with(both, inAnotherOrder), alice("org-dev-data", "org-prod-data"), with(both, inAnotherOrder),
			run.Unchanged, "everything was as it should be"},
		{"an own mapping with the user's name as a variable", with(oneWithOwn, withVariable), alice("org-dev-data"), with(oneWithOwn, withVariable),
			run.Unchanged, "everything was as it should be"},
		{"the policy written in another way", with(revoked, policy("{\"Statement\" : {\"Action\":\"*\",\"Resource\":\"*\",\"Effect\":\"Deny\",\n\"Sid\":\"SyncUsersNoAccess\"},\"Version\":\"2012-10-17\"}")), alice(),
			with(revoked, policy("{\"Statement\" : {\"Action\":\"*\",\"Resource\":\"*\",\"Effect\":\"Deny\",\n\"Sid\":\"SyncUsersNoAccess\"},\"Version\":\"2012-10-17\"}")), run.Skipped, "no stack group"},
		{"the policy was removed", with(one, policy("")), alice("org-dev-data"), one, run.Updated, "session policy corrected"},
		{"the policy was changed", with(one, policy(strings.Replace(one.Policy, "s3:PutObject*", "s3:*", 1))), alice("org-dev-data"), one,
			run.Updated, "session policy corrected"},
		{"a mapping was removed", with(one, mappings(own)), alice("org-dev-data"), oneWithOwn, run.Updated, "1 bucket added"},

		{"an administrator's mapping stays", with(fresh, mappings(own)), alice("org-dev-data"), oneWithOwn, run.Updated, "1 bucket added"},
		{"and when the last stack is left", oneWithOwn, alice(),
			with(fresh, mappings(own), policy(`{"Version":"2012-10-17","Statement":[{"Sid":"SyncUsers","Effect":"Allow",`+
				`"Action":["s3:ListBucket","s3:GetBucketLocation","s3:GetObject*","s3:PutObject*","s3:DeleteObject*","s3:AbortMultipartUpload"],`+
				`"Resource":["arn:aws:s3:::elsewhere","arn:aws:s3:::elsewhere/a.b@example.org/*"]},`+
				`{"Sid":"SyncUsersKeys","Effect":"Allow","Action":["kms:Decrypt","kms:Encrypt","kms:GenerateDataKey*"],"Resource":["*"]}]}`)),
			run.Revoked, "no stack group any more: 1 bucket removed, open sessions keep access until they end"},
		{"a stack bucket under another name is an administrator's", with(fresh, mappings(transfer.Mapping{Entry: "/prod", Target: "/org-prod-data"})), alice(),
			with(fresh, mappings(transfer.Mapping{Entry: "/prod", Target: "/org-prod-data"})), run.Skipped, "no stack group"},
		{"a replication copy under its own name is an administrator's", with(fresh, mappings(mapped("/org-dev-data-repl"))), alice(),
			with(fresh, mappings(mapped("/org-dev-data-repl"))), run.Skipped, "no stack group"},
		{"a stack bucket that the stacks don't have", with(fresh, mappings(mapped("/org-prod-data"))), alice("org-dev-data"), one,
			run.Updated, "1 bucket added, 1 bucket removed, open sessions keep access until they end"},

		{"absolute paths, with a home directory", with(fresh, home("/elsewhere/"+email+"/")), alice("org-dev-data"),
			with(fresh, home("/elsewhere/"+email+"/"), mappings(transfer.Mapping{Entry: "/elsewhere/" + email, Target: "/elsewhere/" + email + "/"}, mapped("/org-dev-data")), policy(oneWithOwn.Policy)),
			run.Updated, "1 bucket added, sees directories instead of absolute paths"},
		{"absolute paths, with a home directory in a stack bucket of theirs", with(fresh, home("/org-dev-data/alice")), alice("org-dev-data"),
			with(one, home("/org-dev-data/alice")), run.Updated, "1 bucket added, sees directories instead of absolute paths"},
		{"absolute paths, with a home directory in a stack bucket of others", with(fresh, home("/org-prod-data/alice")), alice("org-dev-data"),
			one, run.Updated, "1 bucket added, sees directories instead of absolute paths"},
		{"absolute paths, at the root", with(fresh, home("/")), alice("org-dev-data"), one, run.Updated, "1 bucket added, sees directories instead of absolute paths"},
		{"absolute paths, and no stack", with(fresh, home("/elsewhere/alice")), alice(), with(fresh, home("/elsewhere/alice")), run.Skipped, "no stack group"},
		{"the home directory went with the bucket", with(both, home("/org-prod-data/inbox")), alice("org-dev-data"), one,
			run.Updated, "1 bucket removed, open sessions keep access until they end"},
		{"the home directory stays", with(both, home("/org-dev-data/inbox")), alice("org-dev-data"), with(one, home("/org-dev-data/inbox")),
			run.Updated, "1 bucket removed, open sessions keep access until they end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, dryRun := range []bool{true, false} {
				s := transfertest.NewServer()
				s.Users[email] = tt.give
				result, err := newSyncer(s).Sync(t.Context(), tt.user, dryRun)
				require.NoError(t, err)
				assert.Equal(t, tt.wantOutcome, result.Outcome)
				assert.Equal(t, tt.wantReason, result.Reason)
				want, calls := tt.want, 1
				switch {
				case dryRun:
					want = tt.give
				case tt.wantOutcome == run.Updated || tt.wantOutcome == run.Revoked:
					calls = 2
				}
				assert.Equal(t, want, s.Users[email])
				assert.Len(t, s.Calls, calls)
			}
		})
	}
}

func TestSyncSkipsWithoutAccount(t *testing.T) {
	t.Parallel()
	noEmail, nobody, badName := alice("org-dev-data"), alice("org-dev-data"), alice()
	noEmail.Email, nobody.Email, badName.Email = "", "nobody@example.org", "a+b@example.org"
	for want, give := range map[string]run.User{"no Email tag": noEmail, "no Transfer user of that name": nobody, "no stack group": badName} {
		result := sync(t, transfertest.NewServer(email), give)
		assert.Equal(t, run.Skipped, result.Outcome)
		assert.Equal(t, want, result.Reason)
	}
}

func TestSyncFailsPeopleWhoCantBeServed(t *testing.T) {
	t.Parallel()
	manyStacks := make([]string, 0, 60)
	for i := range 60 {
		manyStacks = append(manyStacks, fmt.Sprintf("organization-env%d-data", i))
	}
	shared := alice("org-dev-data")
	shared.SharedWith = []string{"bob"}
	shared.Shared = &run.Access{Stacks: []string{"org-dev", "org-test"}, Buckets: []run.Bucket{{Name: "org-dev-data"}, {Name: "org-test-data"}}}
	named := func(email string) run.User {
		u := alice("org-dev-data")
		u.Email = email
		return u
	}
	tests := []struct {
		name     string
		give     []transfer.Mapping
		policy   string
		user     run.User
		wantKind errkind.Kind
		want     string
		// wantEntries are what the user sees afterwards.
		wantEntries []string
	}{
		{"a name with +", nil, "", named("a+b@example.org"), errkind.NotEligible,
			`no Transfer user can be named "a+b@example.org": a name has 3 to 100 letters, digits and _ @ . -, and begins with a letter, a digit or _`, nil},
		{"a name of two characters", nil, "", named("ab"), errkind.NotEligible, `named "ab"`, nil},
		{"a name of 101 characters", nil, "", named(strings.Repeat("a", 101)), errkind.NotEligible, "3 to 100", nil},
		{"one tag on two users", []transfer.Mapping{mapped("/org-dev-data"), mapped("/org-prod-data")}, "", shared, errkind.Conflict,
			"the Email tag a.b@example.org is also that of bob; one Transfer user can follow only one IAM user, so change or remove one of the tags (removed nevertheless: org-prod-data)",
			[]string{"/org-dev-data"}},
		{"an own mapping in the way", []transfer.Mapping{{Entry: "/org-dev-data", Target: "/elsewhere"}, mapped("/org-prod-data")}, "", alice("org-dev-data", "org-dev-logs"), errkind.Conflict,
			"bucket org-dev-data can't be shown: an administrator mapped /elsewhere at /org-dev-data; map it at another path (removed nevertheless: org-prod-data)",
			[]string{"/org-dev-data", "/org-dev-logs"}},
		{"an own mapping below", []transfer.Mapping{{Entry: "/org-dev-data/own", Target: "/elsewhere"}}, "", alice("org-dev-data"), errkind.Conflict,
			"an administrator mapped /elsewhere at /org-dev-data/own", []string{"/org-dev-data/own"}},
		{"a mapping at the root", []transfer.Mapping{{Entry: "/", Target: "/elsewhere/alice"}}, "", alice("org-dev-data"), errkind.Conflict,
			"bucket org-dev-data can't be shown: /elsewhere/alice is mapped at /, beside which AWS allows no other directory; map it at another path", []string{"/"}},
		{"an administrator's session policy", []transfer.Mapping{mapped("/org-prod-data")}, adminsPolicy, alice("org-dev-data"), errkind.Conflict,
			"the Transfer user a.b@example.org has a session policy that sync-users did not write; remove it, or leave session policies to yourself with the setting sessionPolicy: false (removed nevertheless: org-prod-data)",
			[]string{"/no-access"}},
		{"a session policy that is too long", []transfer.Mapping{mapped("/org-prod-data"), mapped("/organization-env7-data")}, "", alice(manyStacks...), errkind.Misconfigured,
			"the session policy for 60 stacks and 0 mappings of an administrator would have 2605 characters, and AWS allows 2048; " +
				"remove the user from groups, or leave session policies to the role with the setting sessionPolicy: false (removed nevertheless: org-prod-data)",
			[]string{"/organization-env7-data"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := transfertest.NewServer()
			s.Users[email] = transfer.User{Name: email, Role: transfertest.Role, Logical: tt.give != nil, Mappings: tt.give, Policy: tt.policy}
			_, err := newSyncer(s).Sync(t.Context(), tt.user, true)
			assert.Equal(t, tt.wantKind, errkind.Of(err))
			assert.Equal(t, tt.give, s.Users[email].Mappings, "a dry run")
			for range 2 { // The second finds nothing to remove.
				_, err = newSyncer(s).Sync(t.Context(), tt.user, false)
				assert.Equal(t, tt.wantKind, errkind.Of(err))
				assert.False(t, errkind.Of(err).Retried())
				assert.Equal(t, tt.wantEntries, s.Entries(email))
				if tt.want != "" {
					assert.ErrorContains(t, err, tt.want)
				}
				tt.want = ""
			}
			if tt.policy != "" {
				assert.Equal(t, tt.policy, s.Users[email].Policy, "an administrator's policy is never lost")
			}
			writes := len(s.Calls)
			_, err = newSyncer(s).Sync(t.Context(), tt.user, false)
			require.Error(t, err)
			if tt.wantKind != errkind.NotEligible {
				assert.Len(t, s.Calls, writes+1, "nothing is left to write")
			}
		})
	}
}

func TestSyncWithoutSessionPolicies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give, want string
		user             run.User
	}{
		{"none", "", "", alice("org-dev-data")},
		{"an administrator's", adminsPolicy, adminsPolicy, alice("org-dev-data")},
		{"one from when the setting was on", denyAll, allowAll, alice("org-dev-data")},
		{"one from when the setting was on, of somebody without access", denyAll, denyAll, alice()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := transfertest.NewServer()
			s.Users[email] = transfer.User{Name: email, Role: transfertest.Role, Policy: tt.give, Logical: true, Mappings: []transfer.Mapping{mapped("/org-prod-data")}}
			for range 2 {
				_, err := transfer.Syncer{Users: s}.Sync(t.Context(), tt.user, false)
				require.NoError(t, err)
				assert.Equal(t, tt.want, s.Users[email].Policy)
			}
			assert.Len(t, s.Calls, 3)
		})
	}
}

func TestSyncReturnsErrorsOfTheServer(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"DescribeUser", "UpdateUser"} {
		for _, kind := range []errkind.Kind{errkind.Throttled, errkind.Unavailable, errkind.AccessDenied, errkind.Unexpected} {
			s := transfertest.NewServer(email)
			s.Fault = func(c string) error {
				if strings.HasPrefix(c, call) {
					return errkind.Errorf(kind, "%s refused", c)
				}
				return nil
			}
			_, err := newSyncer(s).Sync(t.Context(), alice("org-dev-data"), false)
			assert.Equal(t, kind, errkind.Of(err))
			var marked syncuser.ServerError
			require.ErrorAs(t, err, &marked)
			assert.ErrorContains(t, err, call+" "+email+" refused")
			assert.Nil(t, s.Users[email].Mappings)
		}
	}
}

func TestServerCheck(t *testing.T) {
	t.Parallel()
	good := transfertest.NewServer().State
	tests := []struct {
		name     string
		give     func(*transfer.Description)
		wantKind errkind.Kind
		want     string
	}{
		{"usable", func(*transfer.Description) {}, "", ""},
		{"starting", func(d *transfer.Description) { d.State = "STARTING" }, errkind.Unavailable, "the Transfer server s-0123456789abcdef0 is STARTING"},
		{"offline", func(d *transfer.Description) { d.State = "OFFLINE" }, errkind.Misconfigured,
			"is OFFLINE; start it with `aws transfer start-server --server-id s-0123456789abcdef0`"},
		{"a directory's users", func(d *transfer.Description) { d.IdentityProvider = "AWS_DIRECTORY_SERVICE" }, errkind.Misconfigured,
			"has the identity provider AWS_DIRECTORY_SERVICE; only one with SERVICE_MANAGED has users that can be synced"},
		{"EFS", func(d *transfer.Description) { d.Domain = "EFS" }, errkind.Misconfigured, "shows EFS; only one that shows S3 can show buckets"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := transfertest.NewServer()
			s.State = good
			tt.give(&s.State)
			err := transfer.Server{Description: s}.Check(t.Context())
			assert.Equal(t, []string{"DescribeServer"}, s.Calls)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, tt.want)
			assert.Equal(t, tt.wantKind, errkind.Of(err))
		})
	}
}
