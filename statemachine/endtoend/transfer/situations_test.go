package transfer

import (
	"regexp"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	transferapi "github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// userName matches the names that a Transfer user may have.
var userName = regexp.MustCompile(`^\w[\w@.-]{2,99}$`)

// TestEverySituation has one run meet people in every situation.
func TestEverySituation(t *testing.T) {
	alice, both, twice := newMember(t, "alice", devUsers), newMember(t, "both", devUsers, prodUsers), newMember(t, "twice", devUsers, devAdmins)
	untagged := fixture.User{Username: "untagged", NoTag: true, Groups: []string{devUsers}}
	blank := fixture.User{Username: "blank", Email: "  ", Groups: []string{devUsers}}
	unknown := fixture.User{Username: "unknown", Email: email("unknown"), Groups: []string{devUsers}}
	outsider := newMember(t, "outsider", "staff")
	for _, user := range []fixture.User{untagged, blank, unknown} {
		newIAMUser(t, user)
	}
	// Names at the limits, and over them.
	for username, name := range map[string]string{"longest": long(100), "shortest": "abc", "longer": long(101), "shorter": "ab", "plus": "plus+sign@example.org"} {
		newIAMUser(t, fixture.User{Username: username, Email: name, Groups: []string{prodUsers}})
	}
	longest, shortest := newTransferUser(t, long(100)), newTransferUser(t, "abc")
	// Users with directories of their own.
	foreign := newMember(t, "foreign", devUsers)
	foreign.update(t, transferapi.UpdateUserInput{HomeDirectoryType: types.HomeDirectoryTypeLogical, HomeDirectoryMappings: []types.HomeDirectoryMapEntry{
		{Entry: aws.String("/web/pages"), Target: aws.String("/" + website + "/pages")},
		{Entry: aws.String("/letters"), Target: aws.String("/" + website + "/${transfer:UserName}")},
		{Entry: aws.String("/digipres-prod-archive"), Target: aws.String("/digipres-prod-archive")},
	}}, "")
	// One who saw absolute paths.
	ella := newMember(t, "ella", devUsers)
	ella.update(t, transferapi.UpdateUserInput{HomeDirectory: aws.String("/" + website + "/ella")}, "")
	rooted := newMember(t, "rooted", devUsers)
	rooted.update(t, transferapi.UpdateUserInput{HomeDirectoryType: types.HomeDirectoryTypeLogical, HomeDirectoryMappings: []types.HomeDirectoryMapEntry{
		{Entry: aws.String("/"), Target: aws.String("/" + website)},
	}}, "")
	rootedBefore := rooted.describe(t)
	// One address of two IAM users.
	newMember(t, "shared", devUsers)
	newIAMUser(t, fixture.User{Username: "sharing", Email: email("shared"), Groups: []string{prodUsers}})
	namesBefore := userNames(t)
	receiveMails(t)

	e := triggerRun(t)

	assert.Equal(t, sfntypes.ExecutionStatusFailed, e.status)
	assert.Equal(t, "UsersFailed", e.err)
	assert.True(t, triggerExists(t), "TRIGGER stays while a user fails")
	for username, want := range map[string]run.Result{
		"alice":    {Outcome: run.Updated},
		"both":     {Outcome: run.Updated},
		"twice":    {Outcome: run.Updated},
		"longest":  {Outcome: run.Updated},
		"shortest": {Outcome: run.Updated},
		"foreign":  {Outcome: run.Updated},
		"ella":     {Outcome: run.Updated},
		"untagged": {Outcome: run.Skipped, Reason: "no Email tag"},
		"blank":    {Outcome: run.Skipped, Reason: "no Email tag"},
		"outsider": {Outcome: run.Skipped, Reason: "no stack group"},
		"unknown":  {Outcome: run.Skipped, Reason: "no Transfer user of that name"},
		"longer":   {Outcome: run.Failed, Error: "NotEligible", Reason: "3 to 100"},
		"shorter":  {Outcome: run.Failed, Error: "NotEligible", Reason: "3 to 100"},
		"plus":     {Outcome: run.Failed, Error: "NotEligible", Reason: `no Transfer user can be named "plus+sign@example.org"`},
		"rooted":   {Outcome: run.Failed, Error: "Conflict", Reason: "/" + website + " is mapped at /"},
		"shared":   {Outcome: run.Failed, Error: "Conflict", Reason: "sharing"},
		"sharing":  {Outcome: run.Failed, Error: "Conflict", Reason: "shared"},
	} {
		got := e.results[username]
		assert.Equal(t, want.Outcome, got.Outcome, "%s: %s", username, got.Reason)
		assert.Equal(t, want.Error, got.Error, username)
		assert.Contains(t, got.Reason, want.Reason, username)
	}
	mails := receiveMails(t)
	require.Len(t, mails, 1)
	assert.Contains(t, mails[0].Message, "plus <plus+sign@example.org>: ")
	assert.NotContains(t, mails[0].Message, "alice")

	assert.Equal(t, namesBefore, userNames(t), "no user was created")
	for _, p := range []person{alice, twice} {
		assert.Equal(t, mapped(devBuckets...), p.sees(t), p.name)
	}
	assert.Equal(t, mapped(slices.Concat(devBuckets, prodBuckets)...), both.sees(t))
	for _, p := range []person{longest, shortest} {
		assert.Equal(t, mapped(prodBuckets...), p.sees(t), p.name)
		assert.Equal(t, prodBuckets, listing(t, p.login(t), "/"), p.name)
	}
	assert.Empty(t, outsider.sees(t))
	assert.Equal(t, rootedBefore, rooted.describe(t))
	assert.Equal(t, slices.Sorted(slices.Values(append(mapped(devBuckets...), "/letters=/"+website+"/"+foreign.name, "/web/pages=/"+website+"/pages"))), foreign.sees(t))
	assert.Len(t, foreign.describe(t).SshPublicKeys, 1)

	t.Run("login", func(t *testing.T) {
		session := alice.login(t)
		assert.Equal(t, devBuckets, listing(t, session, "/"))
		for _, bucket := range []string{"digipres-dev1-data", "digipres-dev1-europe"} {
			require.NoError(t, put(session, "/"+bucket+"/letter.txt", "Dear archive"))
			text, err := get(session, "/"+bucket+"/letter.txt")
			require.NoError(t, err)
			assert.Equal(t, "Dear archive", text)
		}
		putObject(t, "digipres-dev1-managed", "report.txt", "text")
		text, err := get(session, "/digipres-dev1-managed/report.txt")
		require.NoError(t, err)
		assert.Equal(t, "text", text)
		require.Error(t, put(session, "/digipres-dev1-managed/letter.txt", "x"), "a managed bucket is for reading")
		require.Error(t, session.Remove("/digipres-dev1-managed/report.txt"))
		require.Error(t, put(session, "/letter.txt", "x"), "the root is no bucket")
		for _, outside := range []string{"/digipres-prod-archive", "/digipres-dev1-data-repl", "/digipres-dev1-data/../digipres-prod-archive", "/" + website} {
			_, err := session.ReadDir(outside)
			require.Error(t, err, outside)
		}
	})

	t.Run("login with an administrator's directories", func(t *testing.T) {
		session := foreign.login(t)
		require.NoError(t, put(session, "/letters/letter.txt", "x"))
		require.NoError(t, put(session, "/web/pages/page.html", "x"))
		_, err := session.ReadDir("/digipres-prod-archive")
		require.Error(t, err, "a bucket of a stack is a matter of memberships alone")
		session = ella.login(t)
		assert.Equal(t, append(slices.Clone(devBuckets), website), listing(t, session, "/"))
		require.NoError(t, put(session, "/"+website+"/ella/letter.txt", "x"))
	})

	t.Run("again", func(t *testing.T) {
		for _, username := range []string{"longer", "shorter", "plus", "rooted"} {
			leaveAll(t, username)
		}
		removeTag(t, "sharing")
		cloud.Calls.Reset()

		e := triggerRun(t)

		require.Equal(t, sfntypes.ExecutionStatusSucceeded, e.status, "%s: %s", e.err, e.cause)
		assert.False(t, triggerExists(t))
		assert.Equal(t, run.Updated, e.results["shared"].Outcome)
		for _, username := range []string{"alice", "both", "twice", "longest", "shortest", "foreign", "ella"} {
			assert.Equal(t, run.Unchanged, e.results[username].Outcome, username)
		}
		assert.Equal(t, 1, calls("UpdateUser"), "for shared alone")
		named := 0 // who can have a Transfer user, also those who were revoked before
		for _, result := range e.results {
			if userName.MatchString(result.Email) {
				named++
			}
		}
		assert.Equal(t, named, calls("DescribeUser"))
		assert.Equal(t, 1, calls("DescribeServer"))
	})
}
