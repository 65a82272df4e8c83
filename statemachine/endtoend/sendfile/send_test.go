package sendfile_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

func TestFilesArriveByteForByte(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, key string
		size      int
	}{
		{"empty", "out/empty", 0},
		{"one byte", "out/one", 1},
		{"one request and a byte", "out/32769", 32<<10 + 1},
		{"one range and a byte", "out/4m", 4<<20 + 1},
		{"100 MiB", "out/large", 100 << 20},
		{"a name with many characters", "out/a b/c+d%20ä/漢字 (1) & 'x'.txt", 10_000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			content := random(tt.size)
			w.put(tt.key, content)
			head, err := w.s3.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &w.settings.SourceBucket, Key: &tt.key})
			require.NoError(t, err)

			result, err := w.send(tt.key)

			require.NoError(t, err)
			assert.Equal(t, sendfile.Sent, result.Outcome)
			assert.True(t, result.Done)
			assert.EqualValues(t, tt.size, result.BytesSent)
			assert.Equal(t, "/in/"+tt.key[4:], result.Path)
			w.requireArrived("/in/"+tt.key[4:], tt.key, content)
			info, err := os.Stat(filepath.Join(w.home, result.Path))
			require.NoError(t, err)
			assert.WithinDuration(t, *head.LastModified, info.ModTime(), time.Second, "the time of the upload")
		})
	}
}

func TestReplacesAFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 3 {
		content := fmt.Appendf(nil, "version %d", i)
		w.put("out/a", content)
		result, err := w.send("out/a")
		require.NoError(t, err)
		assert.Equal(t, sendfile.Sent, result.Outcome)
		w.requireArrived("/in/a", "out/a", content)
	}
}

func TestEventTwiceAndOutOfOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings.After = "keep"
	w.put("out/a", []byte("old"))
	old, err := w.sender().Source.Head(t.Context(), w.settings.SourceBucket, "out/a")
	require.NoError(t, err)
	w.put("out/a", []byte("newer"))

	result, err := w.send("out/a")
	require.NoError(t, err)
	assert.Equal(t, sendfile.Sent, result.Outcome)
	w.requireContent("/in/a", []byte("newer"))

	event := w.event("out/a")
	event.Execution = "run2"
	result, err = w.handle(t.Context(), event)
	require.NoError(t, err)
	assert.Equal(t, sendfile.Unchanged, result.Outcome)
	assert.Zero(t, result.BytesSent)

	event.Object.ETag = old.ETag
	result, err = w.handle(t.Context(), event)
	require.NoError(t, err)
	assert.Equal(t, sendfile.Skipped, result.Outcome)
	assert.Contains(t, result.Reason, "newer version")
	w.requireContent("/in/a", []byte("newer"))

	event = w.event("out/a")
	event.Resend = true
	result, err = w.handle(t.Context(), event)
	require.NoError(t, err)
	assert.Equal(t, sendfile.Sent, result.Outcome)
	assert.EqualValues(t, 5, result.BytesSent)
}

func TestEventOfAnObjectThatWasSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put("out/a", []byte("a"))
	_, err := w.send("out/a")
	require.NoError(t, err)
	result, err := w.send("out/a")
	require.NoError(t, err)
	assert.Equal(t, sendfile.Skipped, result.Outcome)
	w.requireContent("/in/a", []byte("a"))
}

func TestSameContentAgainIsSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 {
		w.put("out/a", []byte("same"))
		result, err := w.send("out/a")
		require.NoError(t, err)
		assert.Equal(t, sendfile.Sent, result.Outcome)
		require.NoError(t, os.Remove(filepath.Join(w.home, "in", "a")), "the partner takes it away")
		time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) // S3's times are in seconds.
	}
}

func TestWhatHappensToTheSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, after := range []string{"keep", "tag", "archive:sent/2026/", "delete"} {
		w.settings.After = after
		w.put("out/x/a b", []byte(after))
		_, err := w.s3.PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{
			Bucket: &w.settings.SourceBucket, Key: ptr("out/x/a b"), Tagging: tagging("project", "x"),
		})
		require.NoError(t, err)
		result, err := w.send("out/x/a b")
		require.NoError(t, err)
		w.requireContent("/in/x/a b", []byte(after))
		content, ok := w.object("out/x/a b")
		assert.Equal(t, after == "keep" || after == "tag", ok)
		switch after {
		case "keep":
			assert.Equal(t, sendfile.Keep, result.After)
		case "tag":
			assert.Equal(t, []byte(after), content)
			tags, err := w.s3.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: &w.settings.SourceBucket, Key: ptr("out/x/a b")})
			require.NoError(t, err)
			assert.ElementsMatch(t, []string{"project=x", "sent-to=/in/x/a b"}, tagTexts(tags.TagSet))
		case "archive:sent/2026/":
			content, ok = w.object("sent/2026/x/a b")
			assert.True(t, ok)
			assert.Equal(t, []byte(after), content)
		}
	}
}

func TestExistingFile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		existing string
		outcome  sendfile.Outcome
		kind     errkind.Kind
		content  string
		files    int
	}{
		{existing: "replace", outcome: sendfile.Sent, content: "new", files: 1},
		{existing: "keep", outcome: sendfile.Skipped, content: "theirs", files: 1},
		{existing: "fail", kind: errkind.Conflict, content: "theirs", files: 1},
		{existing: "rename", outcome: sendfile.Sent, content: "theirs", files: 2},
	}
	for _, tt := range tests {
		t.Run(tt.existing, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.settings.Existing, w.settings.After = tt.existing, "keep"
			require.NoError(t, os.MkdirAll(filepath.Join(w.home, "in"), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(w.home, "in", "a.csv"), []byte("theirs"), 0o644))
			w.put("out/a.csv", []byte("new"))
			for range 2 { // An event may come twice.
				result, err := w.send("out/a.csv")
				if tt.kind != "" {
					assert.Equal(t, tt.kind, errkind.Of(err))
				} else {
					require.NoError(t, err)
					assert.Equal(t, tt.outcome, result.Outcome)
				}
			}
			w.requireContent("/in/a.csv", []byte(tt.content))
			assert.Len(t, w.files(), tt.files, w.files())
		})
	}
}

func TestTwoKeysWithOneName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings.Name = "{basename}"
	w.put("out/x/a", []byte("x"))
	w.put("out/y/a", []byte("y"))
	_, err := w.send("out/x/a")
	require.NoError(t, err)
	_, err = w.send("out/y/a")
	assert.Equal(t, errkind.Conflict, errkind.Of(err))
	assert.ErrorContains(t, err, "out/x/a")
	w.requireContent("/in/a", []byte("x"))
	require.NoError(t, os.Remove(filepath.Join(w.home, "in", "a")), "the partner takes it away")
	_, err = w.send("out/y/a")
	require.NoError(t, err)
	w.requireArrived("/in/a", "out/y/a", []byte("y"))
}

func TestVerifyContentReadsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settings.Verify = "content"
	content := random(20 << 20)
	w.put("out/a", content)
	result, err := w.send("out/a")
	require.NoError(t, err)
	assert.Equal(t, sendfile.Sent, result.Outcome)
	w.requireArrived("/in/a", "out/a", content)
}

func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put("out/a", []byte("a"))
	event := w.event("out/a")
	event.DryRun = true
	result, err := w.handle(t.Context(), event)
	require.NoError(t, err)
	assert.Equal(t, sendfile.Sent, result.Outcome)
	w.requireKept("/in/a", "out/a", []byte("a"))
	assert.Empty(t, w.files())
	assert.Empty(t, w.keys(w.settings.RunsBucket))
}

// A large object is copied in parts.
func TestLargeObjectIsArchived(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	content := random(12 << 20)
	_, err := w.s3.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &w.settings.SourceBucket, Key: ptr("out/a b"), Body: bytes.NewReader(content),
		ContentType: ptr("text/x-test"), Metadata: map[string]string{"project": "x"}, Tagging: ptr("a=b"),
	})
	require.NoError(t, err)
	source := awss3.NewSource(w.cfg)
	object, err := source.Head(t.Context(), w.settings.SourceBucket, "out/a b")
	require.NoError(t, err)

	writer := awss3.NewSourceWriter(w.cfg)
	writer.PartSize = 5 << 20
	require.NoError(t, writer.Move(t.Context(), object, "sent/a b"))

	_, ok := w.object("out/a b")
	assert.False(t, ok)
	moved, err := w.s3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &w.settings.SourceBucket, Key: ptr("sent/a b")})
	require.NoError(t, err)
	defer moved.Body.Close()
	got, err := io.ReadAll(moved.Body)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(content, got))
	assert.Equal(t, "text/x-test", *moved.ContentType)
	assert.Equal(t, "x", moved.Metadata["project"])
	assert.ErrorIs(t, writer.Move(t.Context(), object, "sent/again"), sendfile.ErrSourceChanged)
}

func TestVersionsStayWhenAnObjectIsDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.s3.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: &w.settings.SourceBucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	require.NoError(t, err)
	w.put("out/a", []byte("old"))
	w.put("out/a", []byte("new"))
	_, err = w.send("out/a")
	require.NoError(t, err)
	w.requireArrived("/in/a", "out/a", []byte("new"))
	versions, err := w.s3.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &w.settings.SourceBucket})
	require.NoError(t, err)
	assert.Len(t, versions.Versions, 2)
	assert.Len(t, versions.DeleteMarkers, 1)
}
