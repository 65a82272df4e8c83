package endtoend

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/people"
)

func TestWhoIsSkipped(t *testing.T) {
	untagged, blank, stranger := person("untagged", devUsers), person("blank", devUsers), person("stranger", devUsers)
	untagged.NoTag = true
	blank.Email = "   "
	blank.NoAccount = true
	stranger.NoAccount = true
	newTown(t, untagged, blank, stranger, person("outsider", "staff"), person("alice", devUsers))

	e := trigger(t)

	succeeded(t, e, wayOfTrigger)
	results := report(t, e)
	for username, reason := range map[string]string{
		"untagged": "no Email tag",
		"blank":    "no Email tag",
		"outsider": "no stack group",
		"stranger": "no SFTPGo account of that name",
	} {
		assert.Equal(t, run.Skipped, results[username].Outcome, username)
		assert.Equal(t, reason, results[username].Reason, username)
	}
	assert.Equal(t, run.Updated, results["alice"].Outcome)
	users, err := town.SFTPGo.Users(t.Context())
	require.NoError(t, err)
	var names []string
	for _, user := range users {
		names = append(names, user["username"].(string))
	}
	slices.Sort(names)
	assert.Equal(t, []string{email("alice"), email("outsider"), email("untagged")}, names, "no account was made")
}

func TestWhatAnAccountShows(t *testing.T) {
	newTown(t,
		person("dev", devUsers, devAdmins, "staff"),
		person("both", devUsers, prodUsers),
		people.Person{Username: "plus+sign", Email: "first.last+sftp@sub-domain.example.org", Groups: []string{prodUsers}, NoKeys: true},
	)
	// Parameter Store does not allow a plus in a name, so these keys have no place.
	e := start(t, `{"username":"both"}`)
	succeeded(t, e, wayOfSuccess)
	assert.Equal(t, slices.Sorted(slices.Values(append(devBuckets, prodBuckets...))), shows(t, email("both")))

	e = start(t, `{"username":"dev"}`)
	succeeded(t, e, wayOfSuccess)
	assert.Equal(t, devBuckets, shows(t, email("dev")), "each bucket once, and no replica")
	assert.Equal(t, map[string][]string{
		"/": {"list"}, "/digipres-dev1-data": {"*"}, "/digipres-dev1-managed": {"list", "download"},
	}, permissions(t, email("dev")))

	folder := folders(t, email("dev"))["/digipres-dev1-data"]
	assert.Equal(t, "dev_example_org-digipres-dev1-data", folder["name"])
	assert.Equal(t, "/tmp/sftpgo-folders/dev_example_org-digipres-dev1-data", folder["mapped_path"])
	assert.Equal(t, "us-east-1", s3config(folder)["region"])
}

// The tag's + and @ go through IAM, the workflow's state, SFTPGo's paths and
// back.
func TestNamesWithPlusAndAt(t *testing.T) {
	const username = "first.last_sftp-1"
	const tag = "first.last+sftp@sub-domain.example.org"
	newTown(t, people.Person{Username: username, Email: tag, Groups: []string{prodUsers}})

	succeeded(t, trigger(t), wayOfTrigger)

	assert.Equal(t, prodBuckets, shows(t, tag))
	assert.Equal(t, []string{
		"first_last_sftp_sub_domain_example_org-digipres-prod-archive",
		"first_last_sftp_sub_domain_example_org-digipres-prod-managed",
	}, records(t))
}
