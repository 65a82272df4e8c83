package send

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendrun"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// One object that can't be sent stays, and is mailed once; the others are sent.
func TestFailingObject(t *testing.T) {
	reset(t)
	withoutEvents(t)
	require.NoError(t, os.MkdirAll(filepath.Join(files(), "in the way"), 0o755))
	upload(t, "in the way", []byte("x"))
	upload(t, "good", []byte("y"))

	ended := start(t, `{}`)

	assert.Equal(t, types.ExecutionStatusFailed, ended.Status)
	assert.Equal(t, "ObjectsFailed", aws.ToString(ended.Error))
	assert.Equal(t, map[string]string{"good": "y"}, arrived(t))
	assert.Equal(t, []string{local.SourcePrefix + "in the way"}, waiting(t), "it is where it was")
	report := readReport(t, ended)
	assert.Equal(t, sendrun.Totals{Objects: 2, Sent: 1, Failed: 1, Bytes: 1}, report.Totals)
	assert.Contains(t, readRunsObject(t, run.PageKey(*ended.Name)), "there is a directory at /incoming/in the way")
	received := mails(t)
	require.Len(t, received, 1)
	assert.Equal(t, "send-files: 1 object could not be sent", received[0].Subject)
	for _, text := range []string{"in the way", "there is a directory at", "Conflict", "Have what is in the way removed", *ended.Name} {
		assert.Contains(t, received[0].Message, text)
	}

	assert.Equal(t, types.ExecutionStatusFailed, start(t, `{"sweep":true}`).Status)
	assert.Empty(t, mails(t), "it was mailed before")

	require.NoError(t, os.Remove(filepath.Join(files(), "in the way")))
	requireSucceeded(t, start(t, `{"sweep":true}`))
	assert.Equal(t, map[string]string{"good": "y", "in the way": "x"}, arrived(t))
}

// While the server is down, nothing is lost, and one mail tells.
func TestServerDown(t *testing.T) {
	reset(t)
	withoutEvents(t)
	upload(t, "a", []byte("x"))
	upload(t, "b", []byte("x"))
	cloud.PartnerSFTP.SetDown(true)
	defer cloud.PartnerSFTP.SetDown(false)

	ended := start(t, `{}`)

	assert.Equal(t, types.ExecutionStatusFailed, ended.Status)
	assert.Len(t, waiting(t), 2)
	received := mails(t)
	require.Len(t, received, 1)
	assert.Contains(t, received[0].Message, "Unavailable")

	cloud.PartnerSFTP.SetDown(false)
	requireSucceeded(t, start(t, `{"sweep":true}`))
	assert.Equal(t, map[string]string{"a": "x", "b": "x"}, arrived(t))
}

// A function that is killed at any moment is invoked again, and goes on. Nothing is lost, and
// nothing half is there.
func TestKilledFunctions(t *testing.T) {
	reset(t)
	withoutEvents(t)
	slowly(t, 4<<20)
	want := map[string]string{}
	for i := range 6 {
		name := fmt.Sprintf("killed-%d", i)
		want[name] = string(content(t, 3<<20))
		upload(t, name, []byte(want[name]))
	}
	running, kills := localtest.StartRun(t, cloud, `{}`), 0
	// Each attempt is killed twice at most: the workflow gives an object six retries.
	for kills < 12 && len(executions(t, types.ExecutionStatusRunning)) > 0 {
		time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
		kills += cloud.Functions.Kill("send-files-send-file")
		for name, text := range arrived(t) {
			require.True(t, want[name] == text, "%s is whole", name)
		}
	}
	ended := localtest.WaitForEnd(t, cloud, running)
	requireSucceeded(t, ended)
	t.Logf("%d kills", kills)
	assert.Greater(t, kills, 5)
	eventuallySent(t, want)
	assert.False(t, isBeingSent(t), "no temporary file is left")
}

// obstruct has a directory be where a file shall be.
func obstruct(t *testing.T, name string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Join(files(), name), 0o755))
}

// Failures gather for a quarter of an hour, and one mail tells of all of them, by whichever
// run there is. The day has one report.
func TestFailuresGather(t *testing.T) {
	reset(t)
	withoutEvents(t)
	for _, name := range []string{"one", "two", "three"} {
		obstruct(t, name)
		upload(t, name, []byte("x"))
		assert.Equal(t, types.ExecutionStatusFailed, start(t, `{"sweep":true}`).Status)
	}
	received := mails(t)
	require.Len(t, received, 1)
	assert.Contains(t, received[0].Message, "outgoing/one")

	for _, name := range []string{"one", "two", "three"} {
		require.NoError(t, os.Remove(filepath.Join(files(), name)))
	}
	upload(t, "good", []byte("x"))
	sent := start(t, `{"sweep":true}`)
	requireSucceeded(t, sent)
	assert.Len(t, readReport(t, sent).Results, 4)
	assert.Empty(t, mails(t), "a quarter of an hour has not passed")

	quarterOfAnHourPasses(t)
	requireSucceeded(t, start(t, `{"sweep":true}`))
	received = mails(t)
	require.Len(t, received, 1)
	assert.Equal(t, "send-files: 2 objects could not be sent", received[0].Subject)
	for _, name := range []string{"outgoing/two", "outgoing/three"} {
		assert.Contains(t, received[0].Message, name+": there is a directory at")
	}
	assert.NotContains(t, received[0].Message, "outgoing/one")

	var day sendrun.Day
	found, err := awss3.NewRuns(cloud.AWS(), cloud.Outputs.RunsBucketName).LoadIfExists(t.Context(), sendrun.DayKey(time.Now()), &day)
	require.NoError(t, err)
	require.True(t, found)
	assert.Equal(t, sendrun.Day{
		Date: time.Now().UTC().Format(time.DateOnly), Runs: 5, Totals: sendrun.Totals{Objects: 1 + 2 + 3 + 4, Sent: 4, Failed: 1 + 2 + 3, Bytes: 4},
	}, day, "what failed at first is sent")
}

// quarterOfAnHourPasses has the last mail be older.
func quarterOfAnHourPasses(t *testing.T) {
	t.Helper()
	logs := awss3.NewMailLogs(cloud.AWS(), cloud.Outputs.RunsBucketName)
	log, version, err := logs.Read(t.Context())
	require.NoError(t, err)
	log.MailedAt = log.MailedAt.Add(-15 * time.Minute)
	require.NoError(t, logs.CompareAndSwap(t.Context(), log, version))
}
