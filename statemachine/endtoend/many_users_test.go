package endtoend

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// The names of the deployed functions.
const (
	discoverUsers = "sync-users-discover-users"
	syncUser      = "sync-users-sync-user"
	summarizeRun  = "sync-users-summarize-run"
	listAccounts  = "sync-users-list-accounts"
)

// userCount is more than one page of everything that is listed in pages of 100.
const userCount = 120

// manyUsers returns n users of one stack.
func manyUsers(n int) []fixture.User {
	var users []fixture.User
	for i := range n {
		users = append(users, newUser(fmt.Sprintf("user%03d", i), devUsers))
	}
	return users
}

func TestManyUsersAreSyncedWithFewCalls(t *testing.T) {
	resetFixtures(t, manyUsers(userCount)...)

	first := startRun(t, `{}`)
	requireSucceeded(t, first, pathSucceeded)
	results := readReport(t, first)
	assert.Len(t, results, userCount)
	for username, result := range results {
		assert.Equal(t, run.Updated, result.Outcome, username)
	}
	assert.Len(t, folderNames(t), userCount*len(devBuckets))
	assert.Equal(t, devBuckets, mappedBuckets(t, email("user000")))
	assert.Equal(t, devBuckets, mappedBuckets(t, email("user119")))
	atFirst := countCalls(userCount)
	assert.LessOrEqual(t, atFirst.perUser, 4.0+float64(len(devBuckets)))
	logMeasures(t, first, "first sync", atFirst)

	cloud.Calls.Reset()
	cloud.SFTPGo.Reset()
	second := startRun(t, `{}`)
	requireSucceeded(t, second, pathSucceeded)
	for username, result := range readReport(t, second) {
		assert.Equal(t, run.Unchanged, result.Outcome, username)
	}
	unchanged := countCalls(userCount)
	assert.InDelta(t, 2, unchanged.perUser, 0)
	logMeasures(t, second, "nothing changed", unchanged)
}

// calls are the requests of a run, as the servers counted them.
type calls struct {
	// perUser are those to SFTPGo and Parameter Store, without those of each
	// function's start, a login and reading the password for it, and without the
	// one for SFTPGo's version in each run.
	perUser float64
	logins  int
	// iam and s3 are those of the discovery.
	iam, s3 int
	// folders are those that list the folders: once for accounts, and once for leftovers.
	folders int
}

func countCalls(users int) calls {
	var c calls
	total := 0
	for route, n := range cloud.SFTPGo.Calls() {
		if route == (sftpgo.Route{Method: http.MethodGet, Path: "/api/v2/token"}) {
			c.logins = n
			continue
		}
		if route.Path == "/api/v2/version" {
			continue
		}
		if route == (sftpgo.Route{Method: http.MethodGet, Path: "/api/v2/folders"}) {
			c.folders = n
			continue
		}
		total += n
	}
	for call, n := range cloud.Calls.Total() {
		switch {
		case call.Service == "ssm" && call.Caller == syncUser:
			total += n
		case call.Service == "iam" && call.Caller == discoverUsers:
			c.iam += n
		case call.Service == "s3" && call.Caller == discoverUsers:
			c.s3 += n
		}
	}
	c.perUser = float64(total-c.logins) / float64(users)
	return c
}

func logMeasures(t *testing.T, e execution, what string, c calls) {
	t.Helper()
	assert.LessOrEqual(t, c.iam, 1+userCount/1000)
	assert.LessOrEqual(t, c.folders, 4)
	assert.LessOrEqual(t, e.largestInOut, 32<<10)
	t.Logf("%s, %d users: %.2f calls a user and %d logins; discovery: %d IAM and %d S3 calls; folders: %d calls; largest state input or output: %d bytes",
		what, userCount, c.perUser, c.logins, c.iam, c.s3, c.folders, e.largestInOut)
}
