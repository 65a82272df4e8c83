package deployment

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
)

// released is the version that installations have: the commit of the last
// release. A release sets it.
const released = "ff0f1cb32e1b884bf46345c3b516e91acf93818f"

// replaced finds what the CDK says would be made anew.
var replaced = regexp.MustCompile(`(?m)^\[~\] .* (may be replaced|replace)$`)

// TestUpdate takes an installation from the released version to this one. All
// that it made stays the same thing, with what is in it, and this version goes on
// from what that one wrote.
func TestUpdate(t *testing.T) {
	bucket := newBucketOfOthers(t)
	newTown(t)
	_, err := cloud.DeployVersion(t.Context(), released, nil)
	require.NoError(t, err)
	require.Equal(t, run.Updated, trigger(t).outcome)
	resources, records := physical(t), objects(t, cloud.Outputs.RunsBucketName)

	said, err := cloud.Diff(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, replaced.FindAllString(said, -1), "CloudFormation can't make a thing anew under the name that it has")
	deploy(t, nil)

	now := physical(t)
	for name, id := range resources {
		assert.Equal(t, id, now[name], name)
	}
	kept := objects(t, cloud.Outputs.RunsBucketName)
	for key, version := range records {
		assert.Equal(t, version, kept[key], key)
	}
	bucket.isUntouched(t)
	assert.Equal(t, run.Unchanged, trigger(t).outcome)
	require.NoError(t, town.Leave(t.Context(), "alice", "digipres-dev1-users"))
	assert.Equal(t, run.Revoked, trigger(t).outcome)
	require.NoError(t, cloud.Destroy(t.Context()))
}

func TestVersionThatIsNotInTheClone(t *testing.T) {
	_, err := cloud.DeployVersion(t.Context(), "0123456789012345678901234567890123456789", nil)
	assert.ErrorContains(t, err, "run `git fetch --unshallow`")
}
