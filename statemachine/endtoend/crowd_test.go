package endtoend

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/people"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// What the deployed functions are called.
const (
	discoverUsers = "sync-users-discover-users"
	syncUser      = "sync-users-sync-user"
	summarizeRun  = "sync-users-summarize-run"
)

// crowd is more than one page of everything that is listed in pages of 100.
const crowd = 120

// theCrowd is so many people, all in one stack.
func theCrowd(n int) []people.Person {
	var persons []people.Person
	for i := range n {
		persons = append(persons, person(fmt.Sprintf("user%03d", i), devUsers))
	}
	return persons
}

func TestACrowd(t *testing.T) {
	newTown(t, theCrowd(crowd)...)

	first := start(t, `{}`)
	succeeded(t, first, wayOfSuccess)
	results := report(t, first)
	assert.Len(t, results, crowd)
	for username, result := range results {
		assert.Equal(t, run.Updated, result.Outcome, username)
	}
	assert.Len(t, records(t), crowd*len(devBuckets))
	assert.Equal(t, devBuckets, shows(t, email("user000")))
	assert.Equal(t, devBuckets, shows(t, email("user119")))
	atFirst := countCalls(crowd)
	assert.LessOrEqual(t, atFirst.perUser, 4.0+float64(len(devBuckets)))
	measured(t, first, "first sync", atFirst)

	cloud.Calls.Reset()
	cloud.SFTPGo.Reset()
	second := start(t, `{}`)
	succeeded(t, second, wayOfSuccess)
	for username, result := range report(t, second) {
		assert.Equal(t, run.Unchanged, result.Outcome, username)
	}
	unchanged := countCalls(crowd)
	assert.InDelta(t, 2, unchanged.perUser, 0)
	measured(t, second, "nothing changed", unchanged)
}

// calls are what a run asked of the servers, as these counted it.
type calls struct {
	// perUser are those to SFTPGo and Parameter Store, without what each Lambda
	// does once when it starts, a login and reading the password for it, and
	// without what a run asks once, SFTPGo's version.
	perUser float64
	logins  int
	// iam and s3 are those of the discovery.
	iam, s3 int
}

func countCalls(persons int) calls {
	var c calls
	users := 0
	for route, n := range cloud.SFTPGo.Calls() {
		if route == (sftpgo.Route{Method: http.MethodGet, Path: "/api/v2/token"}) {
			c.logins = n
			continue
		}
		if route.Path == "/api/v2/version" {
			continue
		}
		users += n
	}
	for call, n := range cloud.Calls.Total() {
		switch {
		case call.Service == "ssm" && call.Caller == syncUser:
			users += n
		case call.Service == "iam" && call.Caller == discoverUsers:
			c.iam += n
		case call.Service == "s3" && call.Caller == discoverUsers:
			c.s3 += n
		}
	}
	c.perUser = float64(users-c.logins) / float64(persons)
	return c
}

func measured(t *testing.T, e execution, what string, c calls) {
	t.Helper()
	assert.LessOrEqual(t, c.iam, 1+crowd/1000)
	assert.LessOrEqual(t, e.largestInOut, 32<<10)
	t.Logf("%s, %d users: %.2f calls a user and %d logins; discovery: %d IAM and %d S3 calls; largest state input or output: %d bytes",
		what, crowd, c.perUser, c.logins, c.iam, c.s3, e.largestInOut)
}
