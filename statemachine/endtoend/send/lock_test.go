package send

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// The functions of a run that was stopped go on. Until they have ended, no other run sends, so
// that maxConnections holds.
func TestRunWaitsForTheFunctionsOfAStoppedOne(t *testing.T) {
	reset(t)
	withoutEvents(t)
	slowly(t, 2<<20)
	large := content(t, 10<<20)
	upload(t, "large", large)
	stopped := localtest.StartRun(t, cloud, `{}`)
	eventually(t, func() bool { return isBeingSent(t) }, "it is being sent")
	cloud.PartnerSFTP.ResetMostConnections()
	client := sfn.NewFromConfig(cloud.AWS())
	_, err := client.StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: &stopped})
	require.NoError(t, err)
	localtest.WaitForEnd(t, cloud, stopped)

	next := localtest.StartRun(t, cloud, `{"sweep":true}`)
	eventually(t, func() bool {
		history, err := client.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &next})
		require.NoError(t, err)
		for _, event := range history.Events {
			if failed := event.TaskFailedEventDetails; failed != nil {
				require.Equal(t, "RunInProgress", aws.ToString(failed.Error))
				assert.Regexp(t, "was stopped, and may still be writing for (9m|10m)", aws.ToString(failed.Cause))
				return true
			}
		}
		return false
	}, "it waits")
	eventuallySent(t, map[string]string{"large": string(large)})
	assert.LessOrEqual(t, cloud.PartnerSFTP.ResetMostConnections(), 1)

	// Instead of the ten minutes that an invocation may take.
	_, err = s3.NewFromConfig(cloud.AWS()).DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &cloud.Outputs.RunsBucketName, Key: aws.String("turn.json")})
	require.NoError(t, err)
	requireSucceeded(t, localtest.WaitForEnd(t, cloud, next))
	assert.Equal(t, map[string]string{"large": string(large)}, arrived(t))
}
