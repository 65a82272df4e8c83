package transfer

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	transferapi "github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/awstransfer"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/stack"
	"github.com/digipres/sync-users/shared/domain/transfer"
)

// sync syncs a person, who is in the stacks of the buckets, against Transfer's API.
func (p person) sync(t *testing.T, buckets ...string) run.Result {
	t.Helper()
	server := awstransfer.NewServer(cloud.AWS(), users.ServerID)
	require.NoError(t, transfer.Server{Description: server}.Check(t.Context()))
	user := run.User{Username: p.name, Email: p.name, Stacks: stack.OfGroups(buckets)}
	for _, bucket := range buckets {
		user.Buckets = append(user.Buckets, run.Bucket{Name: bucket})
	}
	syncer := transfer.Syncer{Users: server, SessionPolicy: true}
	result, err := syncer.Sync(t.Context(), user, false)
	require.NoError(t, err)
	again, err := syncer.Sync(t.Context(), user, false)
	require.NoError(t, err)
	assert.Contains(t, []run.Outcome{run.Unchanged, run.Skipped}, again.Outcome, "what was written is as it should be")
	return result
}

// TestSyncedPersonReachesTheirStacks asserts that a person reaches what a sync gave, and
// can do there what they may, with a role that would permit everything.
func TestSyncedPersonReachesTheirStacks(t *testing.T) {
	t.Parallel()
	createBuckets(t, "synca-dev-data", "synca-dev-managed", "synca-dev-data-repl", "synca-prod-data", "synca-own")
	putObject(t, "synca-dev-managed", "report.json", "{}")
	anna := newPerson(t, "anna.sync@example.org", "synca")
	before, err := users.User(t.Context(), anna.name)
	require.NoError(t, err)

	assert.Equal(t, "2 buckets added", anna.sync(t, "synca-dev-data", "synca-dev-managed").Reason)
	session := anna.login(t)
	assert.Equal(t, []string{"synca-dev-data", "synca-dev-managed"}, listing(t, session, "/"))
	require.NoError(t, put(session, "/synca-dev-data/folder-managed/a.txt", "a"))
	require.NoError(t, session.Remove("/synca-dev-data/folder-managed/a.txt"))
	assert.Equal(t, []string{"report.json"}, listing(t, session, "/synca-dev-managed"))
	assert.Error(t, put(session, "/synca-dev-managed/a.txt", "a"))
	assert.Error(t, session.Remove("/synca-dev-managed/report.json"))
	for _, path := range []string{"/synca-dev-data-repl", "/synca-prod-data", "/synca-dev-data/../synca-prod-data"} {
		_, err := session.ReadDir(path)
		assert.Error(t, err, path)
	}

	assert.Equal(t, "1 bucket added, 2 buckets removed, open sessions keep access until they end", anna.sync(t, "synca-prod-data").Reason)
	assert.Equal(t, []string{"synca-prod-data"}, listing(t, anna.login(t), "/"))

	assert.Equal(t, run.Revoked, anna.sync(t).Outcome)
	assert.Empty(t, listing(t, anna.login(t), "/"))

	assert.Equal(t, "1 bucket added", anna.sync(t, "synca-dev-data").Reason)
	session = anna.login(t)
	assert.Equal(t, []string{"synca-dev-data"}, listing(t, session, "/"))
	require.NoError(t, put(session, "/synca-dev-data/b.txt", "b"))

	after, err := users.User(t.Context(), anna.name)
	require.NoError(t, err)
	assert.Equal(t, before.SshPublicKeys, after.SshPublicKeys)
	assert.Equal(t, before.Tags, after.Tags)
	assert.Equal(t, before.Role, after.Role)
}

// TestSyncKeepsWhatAnAdministratorMapped asserts that own mappings go on working, also
// when the person has no stack any more.
func TestSyncKeepsWhatAnAdministratorMapped(t *testing.T) {
	t.Parallel()
	createBuckets(t, "syncb-dev-data", "syncb-own")
	putObject(t, "syncb-own", "inbox/letter.txt", "dear")
	bert := newPerson(t, "bert.sync", "syncb")
	bert.update(t, transferapi.UpdateUserInput{
		HomeDirectoryType: types.HomeDirectoryTypeLogical, HomeDirectory: aws.String("/post"),
		HomeDirectoryMappings: []types.HomeDirectoryMapEntry{{Entry: aws.String("/post"), Target: aws.String("/syncb-own/inbox")}},
	}, "")
	for _, buckets := range [][]string{{"syncb-dev-data"}, nil, {"syncb-dev-data"}} {
		bert.sync(t, buckets...)
		session := bert.login(t)
		assert.ElementsMatch(t, append([]string{"post"}, buckets...), listing(t, session, "/"))
		assert.Contains(t, listing(t, session, "/post"), "letter.txt")
		require.NoError(t, put(session, "/post/answer.txt", "yours"))
	}
}

// TestSyncedPersonWithManyBuckets asserts that the session policy by stacks works, too.
func TestSyncedPersonWithManyBuckets(t *testing.T) {
	t.Parallel()
	var buckets []string
	for i := range 51 {
		buckets = append(buckets, fmt.Sprintf("syncc-dev-data%02d", i))
	}
	createBuckets(t, append(buckets, "syncc-dev-managed", "syncc-dev-data00-repl")...)
	cora := newPerson(t, "cora_sync", "syncc")
	assert.Equal(t, "52 buckets added", cora.sync(t, append(buckets, "syncc-dev-managed")...).Reason)
	session := cora.login(t)
	assert.Len(t, listing(t, session, "/"), 52)
	require.NoError(t, put(session, "/syncc-dev-data50/a.txt", "a"))
	assert.Error(t, put(session, "/syncc-dev-managed/a.txt", "a"))
	_, err := session.ReadDir("/syncc-dev-data00-repl")
	assert.Error(t, err)
}
