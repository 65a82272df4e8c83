package send

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
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
		uploadMany(0, 200)
	})
	uploadMany(200, 220)
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
	assert.LessOrEqual(t, cloud.PartnerSFTP.ResetMostConnections(), 10+1, "maxConnections, and the check")
	assert.Len(t, executions(t, types.ExecutionStatusFailed), failedBefore)
}
