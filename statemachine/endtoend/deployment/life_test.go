package deployment

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/run"
)

// TestLife takes an installation from its first deploy to its end. The managed
// bucket is somebody else's: after each step it is exactly as before, and its
// owner's notifications still come.
func TestLife(t *testing.T) {
	bucket := newBucketOfOthers(t)
	newTown(t)
	before := inventory(t)

	deploy(t, nil)
	bucket.isUntouched(t)
	first, things := deployed(t), inventory(t)
	assert.NotEqual(t, before, things)
	assert.Equal(t, ended{10, run.Updated}, trigger(t))
	bucket.isUntouched(t)

	said := deploy(t, nil)
	assert.Contains(t, said, "(no changes)")
	assert.Equal(t, first, deployed(t))

	lower := map[string]string{"maxConcurrency": "7"}
	said, err := cloud.Diff(t.Context(), lower)
	require.NoError(t, err)
	assert.Contains(t, said, "[~] .MAX_CONCURRENCY:")
	assert.Equal(t, 1, strings.Count(said, "AWS::"), "one resource: %s", said)
	said = deploy(t, lower)
	assert.NotContains(t, said, "(no changes)")
	second := deployed(t)
	assert.Equal(t, first.code, second.code)
	assert.Equal(t, map[string][2]any{
		"Resources/DiscoverUsersFunction/Properties/Environment/Variables/MAX_CONCURRENCY": {"10", "7"},
	}, changes(first.template, second.template))
	assert.Equal(t, things, inventory(t))
	assert.Equal(t, ended{7, run.Unchanged}, trigger(t))
	bucket.isUntouched(t)

	finish := longRun(t)
	assert.ErrorContains(t, cloud.Destroy(t.Context()), "A run is in progress in account 123456789012, us-east-1")
	assert.Equal(t, things, inventory(t))
	finish()

	require.NoError(t, cloud.Destroy(t.Context()))
	assert.Equal(t, before, inventory(t), "nothing of ours is left")
	bucket.isUntouched(t)

	deploy(t, nil)
	deploy(t, lower)
	assert.Equal(t, ended{7, run.Unchanged}, trigger(t), "nothing was in the way of another installation")
	bucket.isUntouched(t)
	require.NoError(t, cloud.Destroy(t.Context()))
}

// deploy deploys with settings besides the laptop's, and gives what the CDK says.
func deploy(t *testing.T, settings map[string]string) string {
	t.Helper()
	said, err := cloud.Deploy(t.Context(), settings)
	require.NoError(t, err)
	return said
}
