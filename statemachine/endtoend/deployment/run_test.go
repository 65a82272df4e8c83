package deployment

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/localtest"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// resetFixtures leaves one user, alice.
func resetFixtures(t *testing.T) {
	t.Helper()
	localtest.DeleteFixtures(t, cloud, fixtures)
	require.NoError(t, fixtures.CreateUsers(t.Context(), fixture.User{Username: "alice", Email: "alice@example.org", Groups: []string{"digipres-dev1-users"}}))
}

// result is what is known of a run that has succeeded.
type result struct {
	maxConcurrency int
	outcome        run.Outcome // alice's
}

// triggerRun uploads TRIGGER, and waits until the run that it starts has succeeded.
func triggerRun(t *testing.T) result {
	t.Helper()
	execution := localtest.WaitForEnd(t, cloud, localtest.TriggerRuns(t, cloud, 1)[0])
	require.Equal(t, types.ExecutionStatusSucceeded, execution.Status)
	machines := sfn.NewFromConfig(cloud.AWS())
	runs, err := machines.ListMapRuns(t.Context(), &sfn.ListMapRunsInput{ExecutionArn: execution.ExecutionArn})
	require.NoError(t, err)
	require.Len(t, runs.MapRuns, 1)
	described, err := machines.DescribeMapRun(t.Context(), &sfn.DescribeMapRunInput{MapRunArn: runs.MapRuns[0].MapRunArn})
	require.NoError(t, err)
	report := localtest.ReadReport(t, cloud, *execution.Name)
	require.Len(t, report.Results, 1)
	return result{int(described.MaxConcurrency), report.Results[0].Outcome}
}

// startLongRun starts a run that lasts until finish is called.
func startLongRun(t *testing.T) (finish func()) {
	t.Helper()
	remove := cloud.SFTPGo.Inject(sftpgo.Fault{Delay: time.Hour})
	execution := localtest.StartRun(t, cloud, "{}")
	return func() {
		remove()
		localtest.WaitForEnd(t, cloud, execution)
	}
}
