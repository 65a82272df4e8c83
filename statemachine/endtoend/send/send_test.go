package send

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
	"github.com/digipres/sync-users/statemachine/local"
)

func content(t *testing.T, size int) []byte {
	t.Helper()
	b := make([]byte, size)
	_, err := rand.Read(b)
	require.NoError(t, err)
	return b
}

// odd are names that are changed or lost by careless encoding.
var odd = []string{
	"plain.txt", "with space.txt", "a+b.csv", "100%.txt", "%41.txt", "a@b.org/c.txt", "deep/er/file", "ünïcödé.txt", "日本語.txt",
	"semi;colon&and=equals?.txt", "quote'\"`$HOME.txt", "#hash~tilde^[x]{y}.txt", ".hidden",
}

func TestUploadIsSent(t *testing.T) {
	reset(t)
	want := map[string]string{}
	for _, name := range odd {
		want[name] = string(content(t, 1000))
	}
	want["empty"], want["one byte"], want["large"] = "", "x", string(content(t, 20<<20))
	for name, text := range want {
		upload(t, name, []byte(text))
	}
	eventuallySent(t, want)
	idle(t)
	assert.Empty(t, executions(t, types.ExecutionStatusFailed))
	assert.Empty(t, mails(t))
}

func TestRunForOneKeyAndForPrefix(t *testing.T) {
	reset(t)
	withoutEvents(t)
	upload(t, "a/one+1.txt", []byte("1"))
	upload(t, "a/two.txt", []byte("2"))
	upload(t, "b/three.txt", []byte("3"))

	dry := start(t, fmt.Sprintf(`{"key":%q,"dryRun":true}`, local.SourcePrefix+"a/one+1.txt"))
	requireSucceeded(t, dry)
	assert.Equal(t, 1, readReport(t, dry).Totals.Sent)
	assert.Empty(t, arrived(t), "a dry run sends nothing")

	requireSucceeded(t, start(t, fmt.Sprintf(`{"key":%q}`, local.SourcePrefix+"a/one+1.txt")))
	idle(t)
	assert.Equal(t, map[string]string{"a/one+1.txt": "1"}, arrived(t), "only what was asked for")

	requireSucceeded(t, start(t, fmt.Sprintf(`{"prefix":%q}`, local.SourcePrefix+"a/")))
	idle(t)
	assert.Equal(t, map[string]string{"a/one+1.txt": "1", "a/two.txt": "2"}, arrived(t))

	requireSucceeded(t, start(t, `{"sweep":true}`))
	assert.Equal(t, map[string]string{"a/one+1.txt": "1", "a/two.txt": "2", "b/three.txt": "3"}, arrived(t))
	assert.Empty(t, waiting(t))
}

func TestInvalidInput(t *testing.T) {
	reset(t)
	for input, want := range map[string]string{
		`{"key":"elsewhere/a"}`: "is not under",
		`{"files":[]}`:          "unknown field",
	} {
		ended := start(t, input)
		assert.Equal(t, types.ExecutionStatusFailed, ended.Status)
		assert.Equal(t, "InvalidInput", aws.ToString(ended.Error))
		assert.Contains(t, aws.ToString(ended.Cause), want)
	}
	assert.Len(t, mails(t), 1, "one mail in a quarter of an hour")
}

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

// The event of an upload may come twice.
func TestEventTwice(t *testing.T) {
	reset(t)
	withoutEvents(t)
	upload(t, "twice.txt", []byte("x"))
	event := fmt.Sprintf(`{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":%q},"object":{"key":%q}}}`,
		local.SourceBucket, local.SourcePrefix+"twice.txt")
	first := start(t, event)
	requireSucceeded(t, first)
	requireSucceeded(t, start(t, event))
	assert.Equal(t, map[string]string{"twice.txt": "x"}, arrived(t))
	assert.Equal(t, sendfile.Sent, readReport(t, first).Results[0].Outcome)
}

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
