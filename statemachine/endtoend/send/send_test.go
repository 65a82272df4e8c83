package send

import (
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
)

func content(t testing.TB, size int) []byte {
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
	failed := len(executions(t, types.ExecutionStatusFailed))
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
	assert.Len(t, executions(t, types.ExecutionStatusFailed), failed)
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
