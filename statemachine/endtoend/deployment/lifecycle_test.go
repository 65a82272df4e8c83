package deployment

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
)

// The stack is deployed, deployed without a change and with one, destroyed and
// deployed again. After each step the managed bucket, which belongs to others, is
// as before.
func TestLifecycleChangesNothingOfOthers(t *testing.T) {
	bucket := configureManagedBucket(t)
	resetFixtures(t)
	before := listResources(t)

	deploy(t, nil)
	bucket.assertUnchanged(t)
	first, resources := describeStack(t), listResources(t)
	assert.NotEqual(t, before, resources)
	assert.Equal(t, result{10, run.Updated}, triggerRun(t))
	bucket.assertUnchanged(t)

	output := deploy(t, nil)
	assert.Contains(t, output, "(no changes)")
	assert.Equal(t, first, describeStack(t))

	lower := map[string]string{"maxConcurrency": "7"}
	output, err := cloud.Diff(t.Context(), lower)
	require.NoError(t, err)
	assert.Contains(t, output, "[~] .MAX_CONCURRENCY:")
	assert.Equal(t, 1, strings.Count(output, "AWS::"), "one resource: %s", output)
	output = deploy(t, lower)
	assert.NotContains(t, output, "(no changes)")
	second := describeStack(t)
	assert.Equal(t, first.code, second.code)
	assert.Equal(t, map[string][2]any{
		"Resources/DiscoverUsersFunction/Properties/Environment/Variables/MAX_CONCURRENCY": {"10", "7"},
	}, differences(first.template, second.template))
	assert.Equal(t, resources, listResources(t))
	assert.Equal(t, result{7, run.Unchanged}, triggerRun(t))
	bucket.assertUnchanged(t)

	finish := startLongRun(t)
	assert.ErrorContains(t, cloud.Destroy(t.Context()), "A run is in progress in account 123456789012, us-east-1")
	assert.Equal(t, resources, listResources(t))
	finish()

	require.NoError(t, cloud.Destroy(t.Context()))
	assert.Equal(t, before, listResources(t), "the stack left something")
	bucket.assertUnchanged(t)

	deploy(t, nil)
	deploy(t, lower)
	assert.Equal(t, result{7, run.Unchanged}, triggerRun(t), "the second installation finds nothing of the first in its way")
	bucket.assertUnchanged(t)
	require.NoError(t, cloud.Destroy(t.Context()))
}

// deploy deploys with settings besides the laptop's, and returns the CDK's output.
func deploy(t *testing.T, settings map[string]string) string {
	t.Helper()
	output, err := cloud.Deploy(t.Context(), settings)
	require.NoError(t, err)
	return output
}
