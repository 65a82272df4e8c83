package deployment

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// Runs with Express child executions end as others do, and the type can be changed
// at any time.
func TestExpressChildren(t *testing.T) {
	resetFixtures(t)
	deploy(t, map[string]string{"childExecutions": "EXPRESS"})
	assert.Equal(t, result{10, run.Updated}, triggerRun(t))

	require.NoError(t, fixtures.CreateUsers(t.Context(), fixture.User{Username: "keyless", Email: "keyless@example.org", Groups: []string{"digipres-dev1-users"}, NoKeys: true}))
	ended := localtest.WaitForEnd(t, cloud, localtest.StartRun(t, cloud, "{}"))
	require.Equal(t, types.ExecutionStatusFailed, ended.Status)
	assert.Equal(t, "UsersFailed", *ended.Error)
	outcomes := map[string]run.Outcome{}
	for _, result := range localtest.ReadReport(t, cloud, *ended.Name).Results {
		outcomes[result.Username] = result.Outcome
	}
	assert.Equal(t, map[string]run.Outcome{"alice": run.Unchanged, "keyless": run.Failed}, outcomes)
	children := childARNs(t, *ended.Name)
	assert.Len(t, children, 2)
	for _, arn := range children {
		assert.True(t, strings.HasPrefix(arn, "arn:aws:states:us-east-1:123456789012:express:sync-users/users:"), arn)
	}

	deploy(t, nil)
	resetFixtures(t)
	assert.Equal(t, result{10, run.Updated}, triggerRun(t))
	require.NoError(t, cloud.Destroy(t.Context()))
}

// childARNs returns the ARNs of the executions that a run's Map started and that
// succeeded, as the results in the runs bucket have them.
func childARNs(t *testing.T, execution string) []string {
	t.Helper()
	var arns []string
	for key := range listObjects(t, cloud.Outputs.RunsBucketName) {
		if !strings.HasPrefix(key, "runs/"+execution+"/results/") || !strings.HasSuffix(key, "/SUCCEEDED_0.json") {
			continue
		}
		got, err := s3.NewFromConfig(cloud.AWS()).GetObject(t.Context(), &s3.GetObjectInput{Bucket: &cloud.Outputs.RunsBucketName, Key: &key})
		require.NoError(t, err)
		defer got.Body.Close()
		var children []struct{ ExecutionArn string }
		require.NoError(t, json.NewDecoder(got.Body).Decode(&children))
		for _, child := range children {
			arns = append(arns, child.ExecutionArn)
		}
	}
	return arns
}
