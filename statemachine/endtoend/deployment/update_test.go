package deployment

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
)

// released is the commit of the last release, which installations have. A release
// sets it.
const released = "d616bb826cc8ece6832469e1ac5df8c8e157352b"

// replaced finds the resources that the CDK would replace, by their types.
var replaced = regexp.MustCompile(`(?m)^\[~\] (\S+) .* (?:may be replaced|replace)$`)

// An installation of the released version is updated to this one. Its resources
// stay, with what is in them, and this version goes on from what that one wrote.
func TestUpdateKeepsResourcesAndAccounts(t *testing.T) {
	bucket := configureManagedBucket(t)
	resetFixtures(t)
	version, err := buildVersion(t, released)
	require.NoError(t, err)
	_, err = cloud.DeployFrom(t.Context(), version, nil)
	require.NoError(t, err)
	require.Equal(t, run.Updated, triggerRun(t).outcome)
	resources, records := physicalIDs(t), listObjects(t, cloud.Outputs.RunsBucketName)

	output, err := cloud.Diff(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, replaced.FindAllString(output, -1), "CloudFormation can't replace a resource that keeps its name")
	deploy(t, nil)

	now := physicalIDs(t)
	for name, id := range resources {
		assert.Equal(t, id, now[name], name)
	}
	kept := listObjects(t, cloud.Outputs.RunsBucketName)
	for key, version := range records {
		assert.Equal(t, version, kept[key], key)
	}
	bucket.assertUnchanged(t)
	assert.Equal(t, run.Unchanged, triggerRun(t).outcome)
	require.NoError(t, fixtures.RemoveFromGroup(t.Context(), "alice", "digipres-dev1-users"))
	assert.Equal(t, run.Revoked, triggerRun(t).outcome)
	require.NoError(t, cloud.Destroy(t.Context()))
}

func TestVersionThatIsNotInTheClone(t *testing.T) {
	_, err := buildVersion(t, "0123456789012345678901234567890123456789")
	assert.ErrorContains(t, err, "run `git fetch --unshallow`")
}
