package send

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/statemachine/local/moto"
)

// Many uploads at once are all sent, over a few connections, by a few runs that work one
// after the other. None of the runs waits for another.
func TestManyUploadsAtOnce(t *testing.T) {
	reset(t)
	cloud.PartnerSFTP.ResetMostConnections()
	before, failedBefore := len(executions(t, "")), len(executions(t, types.ExecutionStatusFailed))
	want := map[string]string{}
	uploadMany := func(from, to int) {
		var work errgroup.Group
		work.SetLimit(8)
		for i := from; i < to; i++ {
			name, text := fmt.Sprintf("many/%03d.bin", i), content(t, 10<<10)
			want[name] = string(text)
			work.Go(func() error { upload(t, name, text); return nil })
		}
		require.NoError(t, work.Wait())
	}
	// The events of a few are enough: an execution takes the laptop cloud a second.
	t.Run("without events", func(t *testing.T) {
		withoutEvents(t)
		uploadMany(0, 100)
	})
	uploadMany(100, 120)
	eventuallySent(t, want)
	idle(t)
	worked := 0
	for _, e := range executions(t, types.ExecutionStatusSucceeded) {
		if hasReport(t, *e.Name) {
			worked++
		}
	}
	t.Logf("%d runs, of which %d sent something", len(executions(t, ""))-before, worked)
	assert.Less(t, worked, 20)
	assert.LessOrEqual(t, cloud.PartnerSFTP.ResetMostConnections(), 10, "maxConnections")
	assert.Len(t, executions(t, types.ExecutionStatusFailed), failedBefore)
}

// A few objects leave no connection open at the partner's.
func TestConnectionsAreClosed(t *testing.T) {
	reset(t)
	withoutEvents(t)
	cloud.PartnerSFTP.SetDown(true) // cuts those of earlier tests
	cloud.PartnerSFTP.SetDown(false)
	for i := range 5 {
		upload(t, fmt.Sprint(i), []byte("x"))
	}
	cloud.PartnerSFTP.ResetMostConnections()
	requireSucceeded(t, start(t, `{}`))
	assert.Positive(t, cloud.PartnerSFTP.ResetMostConnections())
	eventually(t, func() bool { return cloud.PartnerSFTP.Connections() == 0 }, "all are closed")
}

// Step Functions refuses more starts than its rate permits. EventBridge tries again, and any
// start is enough for all objects.
func TestThrottledStarts(t *testing.T) {
	reset(t)
	require.NoError(t, moto.ThrottleStarts(t.Context(), cloud.Endpoint, cloud.Outputs.StateMachineArn, 30))
	want := map[string]string{}
	for i := range 20 {
		want[fmt.Sprint(i)] = "x"
		upload(t, fmt.Sprint(i), []byte("x"))
	}
	eventuallySent(t, want)
	idle(t)
}
