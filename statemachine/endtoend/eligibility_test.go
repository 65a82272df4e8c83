package endtoend

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

func TestIneligibleUsersAreSkipped(t *testing.T) {
	untagged, blank, unknown := newUser("untagged", devUsers), newUser("blank", devUsers), newUser("unknown", devUsers)
	untagged.NoTag = true
	blank.Email = "   "
	blank.NoAccount = true
	unknown.NoAccount = true
	resetFixtures(t, untagged, blank, unknown, newUser("outsider", "staff"), newUser("alice", devUsers))

	e := triggerRun(t)

	requireSucceeded(t, e, pathTriggerDeleted)
	results := readReport(t, e)
	for username, reason := range map[string]string{
		"untagged": "no Email tag",
		"blank":    "no Email tag",
		"outsider": "no stack group",
		"unknown":  "no SFTPGo account of that name",
	} {
		assert.Equal(t, run.Skipped, results[username].Outcome, username)
		assert.Equal(t, reason, results[username].Reason, username)
	}
	assert.Equal(t, run.Updated, results["alice"].Outcome)
	users, err := fixtures.SFTPGo.Accounts(t.Context())
	require.NoError(t, err)
	var names []string
	for _, user := range users {
		names = append(names, user["username"].(string))
	}
	slices.Sort(names)
	assert.Equal(t, []string{email("alice"), email("outsider"), email("untagged")}, names, "no account was created")
}

func TestAccountShowsTheBucketsOfItsStacks(t *testing.T) {
	resetFixtures(t,
		newUser("dev", devUsers, devAdmins, "staff"),
		newUser("both", devUsers, prodUsers),
		fixture.User{Username: "plus+sign", Email: "first.last+sftp@sub-domain.example.org", Groups: []string{prodUsers}, NoKeys: true},
	)
	// Parameter Store allows no plus in a name, so plus+sign can't have keys.
	e := startRun(t, `{"username":"both"}`)
	requireSucceeded(t, e, withoutListing(pathSucceeded))
	assert.Equal(t, slices.Sorted(slices.Values(append(devBuckets, prodBuckets...))), mappedBuckets(t, email("both")))

	e = startRun(t, `{"username":"dev"}`)
	requireSucceeded(t, e, withoutListing(pathSucceeded))
	assert.Equal(t, devBuckets, mappedBuckets(t, email("dev")), "each bucket once, and no replica")
	assert.Equal(t, map[string][]string{
		"/": {"list"}, "/digipres-dev1-data": {"*"}, "/digipres-dev1-managed": {"list", "download"},
	}, accountPermissions(t, email("dev")))

	folder := mappedFolders(t, email("dev"))["/digipres-dev1-data"]
	assert.Equal(t, "dev_example_org-digipres-dev1-data", folder["name"])
	assert.Equal(t, "/tmp/sftpgo-folders/dev_example_org-digipres-dev1-data", folder["mapped_path"])
	assert.Equal(t, "us-east-1", s3config(folder)["region"])
}

// The tag's + and @ pass through IAM, the workflow's state and SFTPGo's paths.
func TestEmailWithPlusIsSynced(t *testing.T) {
	const username = "first.last_sftp-1"
	const tag = "first.last+sftp@sub-domain.example.org"
	resetFixtures(t, fixture.User{Username: username, Email: tag, Groups: []string{prodUsers}})

	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)

	assert.Equal(t, prodBuckets, mappedBuckets(t, tag))
	assert.Equal(t, []string{
		"first_last_sftp_sub_domain_example_org-digipres-prod-archive",
		"first_last_sftp_sub_domain_example_org-digipres-prod-managed",
	}, folderNames(t))
}
