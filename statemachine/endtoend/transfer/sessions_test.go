package transfer

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// TestOpenSessionsEnd deploys the setting endSessions, and has a session that is open lose
// what its user loses, at once or, if that failed, with the next run.
func TestOpenSessionsEnd(t *testing.T) {
	_, err := cloud.Deploy(t.Context(), map[string]string{"endSessions": "true"})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := cloud.Deploy(context.Background(), nil)
		require.NoError(t, err)
	})
	emil := newMember(t, "emil", devUsers, prodUsers)
	syncEmil := func() run.Result {
		t.Helper()
		cloud.Calls.Reset()
		return startRun(t, `{"username":"emil"}`).results["emil"]
	}
	ended := func() (n int) {
		for call, times := range cloud.Calls.Total() {
			if call.Service == "iam" && call.Action == "PutRolePolicy" && call.Caller != "" {
				n += times
			}
		}
		return n
	}
	require.Equal(t, run.Updated, syncEmil().Outcome)
	assert.Zero(t, ended(), "nothing was taken away")
	session := emil.login(t)
	require.NoError(t, put(session, "/digipres-dev1-data/open.txt", "x"))

	leave(t, "emil", devUsers)
	cloud.Calls.Reset()
	assert.Equal(t, devBuckets, runFor(t, `{"dryRun":true}`)["emil"].Removed)
	assert.Zero(t, ended(), "a dry run")
	require.NoError(t, put(session, "/digipres-dev1-data/open.txt", "x"))

	left := syncEmil()
	assert.Equal(t, run.Updated, left.Outcome, left.Reason)
	assert.Equal(t, devBuckets, left.Removed)
	assert.Equal(t, "3 buckets removed, all open sessions of the role ended", left.Reason)
	assert.Equal(t, 1, ended())
	assert.Equal(t, 2, calls("UpdateUser"))
	assert.Equal(t, mapped(prodBuckets...), emil.sees(t))
	for _, path := range []string{"/digipres-dev1-data/open.txt", "/digipres-prod-archive/open.txt"} {
		require.Error(t, put(session, path, "x"), path)
	}
	session = emil.loginAgain(t)
	assert.Equal(t, prodBuckets, listing(t, session, "/"))
	assert.Equal(t, run.Unchanged, syncEmil().Outcome)
	assert.Zero(t, ended())

	function, err := lambda.NewFromConfig(cloud.AWS()).GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String("sync-transfer-users-sync-transfer-user")})
	require.NoError(t, err)
	roles, name := iam.NewFromConfig(cloud.AWS()), roleName(*function.Configuration.Role)
	_, err = roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("denied"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:PutRolePolicy","Resource":"*"}]}`)})
	require.NoError(t, err)
	join(t, "emil", devUsers)
	leave(t, "emil", prodUsers)
	for _, removed := range [][]string{prodBuckets, nil} {
		failed := syncEmil()
		assert.Equal(t, removed, failed.Removed)
		assert.Equal(t, run.Failed, failed.Outcome)
		assert.Equal(t, "AccessDenied", failed.Error)
		assert.Contains(t, failed.Reason, "this needs iam:PutRolePolicy on the role "+emil.role)
		assert.Contains(t, emil.sees(t), "/sessions-to-end=/sync-users_sessions-to-end")
	}
	assert.Equal(t, devBuckets, listing(t, emil.login(t), "/"), "the mark is not shown")
	require.NoError(t, put(session, "/digipres-prod-archive/open.txt", "x"))
	_, err = roles.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: &name, PolicyName: aws.String("denied")})
	require.NoError(t, err)
	assert.Equal(t, "all open sessions of the role ended", syncEmil().Reason)
	require.Error(t, put(session, "/digipres-prod-archive/open.txt", "x"))
	assert.Equal(t, mapped(devBuckets...), emil.sees(t))
	emil.loginAgain(t)
}

// loginAgain logs in after sessions were ended, which takes up to two seconds more.
func (p person) loginAgain(t *testing.T) *fixture.Session {
	t.Helper()
	var session *fixture.Session
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		session = p.login(t)
		seen, err := session.ReadDir("/")
		require.NoError(c, err)
		require.NotEmpty(c, seen)
		_, err = session.ReadDir("/" + seen[0].Name())
		require.NoError(c, err)
	}, 10*time.Second, 100*time.Millisecond)
	return session
}
