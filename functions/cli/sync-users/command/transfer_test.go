package command

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/explain"
	"github.com/digipres/sync-users/shared/domain/transfer"
	"github.com/digipres/sync-users/shared/domain/transfer/transfertest"
)

// transferStack has commands work with the Transfer server.
const transferStack = "--stack-name=sync-transfer-users"

// addTransferUsers adds a user for alice, who has not been synced, one for bob, who has a
// mapping of an administrator, and one for dave, who was in a stack.
func addTransferUsers(f *fixture) {
	user := func(email string, mappings ...transfer.Mapping) {
		f.transfer.Users[email] = transfer.User{Name: email, Role: transfertest.Role, Logical: mappings != nil, Mappings: mappings}
	}
	user("alice@example.org")
	user("bob@example.org", transfer.Mapping{Entry: "/own", Target: "/digipres-dev1-data/bob"})
	user("dave@example.org", transfer.Mapping{Entry: "/digipres-prod-archive", Target: "/digipres-prod-archive"})
}

func TestTransferPlanAndSync(t *testing.T) {
	t.Parallel()
	got := runCommand(t, addTransferUsers, "plan", transferStack)
	assert.Equal(t, changes, got.code)
	golden(t, "transfer-plan.txt", got.out)

	var f *fixture
	got = runCommand(t, func(prepared *fixture) { f = prepared; addTransferUsers(f) }, "sync", "--yes", transferStack)
	assert.Equal(t, success, got.code, got.err)
	assert.Equal(t, []string{"/digipres-dev1-data", "/digipres-dev1-managed"}, f.transfer.Entries("alice@example.org"))
	assert.Equal(t, []string{"/digipres-prod-archive", "/own"}, f.transfer.Entries("bob@example.org"))
	assert.Equal(t, []string{"/no-access"}, f.transfer.Entries("dave@example.org"))
	assert.Empty(t, f.server.Calls, "SFTPGo is not asked")
}

func TestTransferExplain(t *testing.T) {
	t.Parallel()
	for _, username := range []string{"alice", "bob", "dave"} {
		got := runCommand(t, addTransferUsers, "explain", username, transferStack)
		assert.Equal(t, success, got.code, got.err)
		golden(t, "transfer-explain-"+username+".txt", got.out)
	}
	json := runCommand(t, addTransferUsers, "explain", "bob", transferStack, "-o", "json").out
	golden(t, "transfer-explain.json", json)
	assert.True(t, decoded[explain.Explanation](t, json).Keys.NotNeeded)
}

func TestTransferAccess(t *testing.T) {
	t.Parallel()
	got := runCommand(t, addTransferUsers, "who", "digipres-dev1-data", transferStack)
	assert.Equal(t, success, got.code, got.err)
	golden(t, "transfer-who.txt", got.out)
	got = runCommand(t, addTransferUsers, "access", transferStack)
	assert.Equal(t, success, got.code, got.err)
	assert.Contains(t, got.out, "dave@example.org")
}

func TestTransferCheck(t *testing.T) {
	t.Parallel()
	got := runCommand(t, addTransferUsers, "check", transferStack)
	assert.Equal(t, success, got.code, got.out)
	assert.Contains(t, got.out, "AWS Transfer Family\n✓  server  s-0123456789abcdef0 is online\n✓  users   they can be read\n")
	got = runCommand(t, func(f *fixture) { f.transfer.State.State = "OFFLINE" }, "check", transferStack)
	assert.Equal(t, failure, got.code)
	assert.Contains(t, got.out, "is OFFLINE; start it with `aws transfer start-server")
	got = runCommand(t, func(f *fixture) { f.transfer.State.Domain = "EFS" }, "plan", transferStack)
	assert.Equal(t, failure, got.code)
	assert.Contains(t, got.err, "AWS Transfer Family at s-0123456789abcdef0: ")
	assert.Contains(t, got.err, "only one that shows S3 can show buckets")
}

func TestTransferWithoutDeployment(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"plan"}, {"explain", "alice"}, {"who", "digipres-dev1-data"}, {"access"}} {
		got := runCommand(t, nil, append(args, "--stack-name=typo")...)
		assert.Equal(t, failure, got.code)
		assert.Equal(t, "Error: no CloudFormation stack \"typo\" is deployed in this account and region. Check --profile, --region and --stack-name, or name an AWS Transfer Family server with --transfer-server.\n", got.err)
	}
}
