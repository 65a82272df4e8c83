package connectors_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var modified = time.Date(2025, 2, 3, 4, 5, 6, 0, time.UTC)

// listing is the object that a listing writes.
type listing struct {
	Files []struct {
		FilePath, ModifiedTimestamp string
		Size                        int64
	}
	Paths     []struct{ Path string }
	Truncated string
}

// readListing waits for the end of a listing that succeeds, and returns it with its event.
func (w *world) readListing(directory string, items int32) (listing, event) {
	w.Helper()
	output, err := w.list(directory, items)
	require.NoError(w, err)
	assert.Equal(w, w.connector+"-"+*output.ListingId+".json", *output.OutputFileName)
	ended := w.receive(w.queueURL, 1)[0]
	require.Equal(w, "SFTP Connector Directory Listing Completed", ended.DetailType, ended.Detail)
	assert.Equal(w, *output.ListingId, ended.Detail["listing-id"])
	var got listing
	require.NoError(w, json.Unmarshal([]byte(w.object("listings/"+*output.OutputFileName)), &got))
	return got, ended
}

func TestDirectoryListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	names := []string{"a b.txt", "ä+%41@#.txt", "empty"}
	for _, name := range names {
		w.write(name, strings.TrimPrefix(name, "empty"), modified)
	}
	w.write("below/not-listed", "", modified)

	got, ended := w.readListing(w.directory, 0)

	require.Len(t, got.Files, 3)
	for _, file := range got.Files {
		name := strings.TrimPrefix(file.FilePath, w.directory+"/")
		assert.Contains(t, names, name)
		assert.Equal(t, int64(len(strings.TrimPrefix(name, "empty"))), file.Size)
		assert.Equal(t, "2025-02-03T04:05:06Z", file.ModifiedTimestamp)
	}
	require.Len(t, got.Paths, 1)
	assert.Equal(t, w.directory+"/below", got.Paths[0].Path)
	assert.Equal(t, "false", got.Truncated)
	assert.Equal(t, "aws.transfer", ended.Source)
	assert.Equal(t, []string{"arn:aws:transfer:us-east-1:123456789012:connector/" + w.connector}, ended.Resources)
	key := "listings/" + w.connector + "-" + ended.Detail["listing-id"].(string) + ".json"
	for _, name := range []string{"start-timestamp", "end-timestamp"} {
		_, err := time.Parse(time.RFC3339Nano, ended.Detail[name].(string))
		require.NoError(t, err)
		delete(ended.Detail, name)
	}
	delete(ended.Detail, "listing-id")
	assert.Equal(t, map[string]any{
		"connector-id": w.connector, "url": fmt.Sprintf("sftp://127.0.0.1:%d", w.partner.Port()), "status-code": "COMPLETED",
		"max-items": 1000.0, "item-count": 4.0, "truncated": false, "remote-directory-path": w.directory, "output-directory-path": "/" + w.bucket + "/listings",
		"output-file-location": map[string]any{"domain": "S3", "bucket": w.bucket, "key": key},
	}, ended.Detail)
}

// A listing has 1,000 entries unless more are asked for, and says that there are more.
func TestTruncatedListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 1001 {
		require.NoError(t, os.WriteFile(filepath.Join(w.files, fmt.Sprint(i)), nil, 0o644))
	}
	for items, want := range map[int32]int{0: 1000, 1: 1, 1001: 1001} {
		got, ended := w.readListing(w.directory, items)
		assert.Len(t, got.Files, want)
		truncated := want < 1001
		assert.Equal(t, fmt.Sprint(truncated), got.Truncated)
		assert.Equal(t, map[string]any{"item-count": float64(want), "truncated": truncated}, ended.pick("item-count", "truncated"))
	}
}

func TestFailedListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("secret/file", "", modified)
	w.forbid(w.directory+"/secret", "download")
	list := func(remote, output string) event {
		_, err := w.transfer.StartDirectoryListing(t.Context(), &transfer.StartDirectoryListingInput{ConnectorId: &w.connector, RemoteDirectoryPath: &remote, OutputDirectoryPath: &output})
		require.NoError(t, err)
		ended := w.receive(w.queueURL, 1)[0]
		assert.Equal(t, "SFTP Connector Directory Listing Failed", ended.DetailType)
		assert.Equal(t, map[string]any{"status-code": "FAILED", "remote-directory-path": remote}, ended.pick("status-code", "remote-directory-path", "item-count", "truncated"))
		return ended
	}
	own := "/" + w.bucket
	assert.Equal(t, "DIRECTORY_NOT_FOUND", list(w.directory+"/none", own).Detail["failure-code"])
	assert.Equal(t, "PERMISSION_DENIED", list(w.directory+"/secret", own).Detail["failure-code"])
	denied := list(w.directory, "/somebody-elses/listings")
	assert.Equal(t, "S3_ERROR", denied.Detail["failure-code"])
	assert.Contains(t, denied.Detail["failure-message"], "AccessDenied")
}

func TestRetrieve(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	big := strings.Repeat("0123456789abcdef", 1<<16) // a megabyte
	paths := []string{
		w.write("a b.txt", "one", modified), w.write("below/ä+%41@#.txt", "two", modified), w.write("empty", "", modified), w.write("big", big, modified),
		w.directory + "/none", w.directory + "/below",
	}
	w.write("hidden/file", "", modified)
	w.forbid(w.directory+"/hidden", "list")
	paths = append(paths, w.directory+"/hidden/file")
	w.put("in/a b.txt", "before")

	id, err := w.retrieve(paths...)
	require.NoError(t, err)

	codes := map[string]string{}
	for _, result := range w.finish(id) {
		codes[*result.FilePath] = string(result.StatusCode) + aws.ToString(result.FailureCode)
		assert.Equal(t, result.StatusCode == types.TransferTableStatusFailed, aws.ToString(result.FailureMessage) != "")
	}
	assert.Equal(t, map[string]string{
		paths[0]: "COMPLETED", paths[1]: "COMPLETED", paths[2]: "COMPLETED", paths[3]: "COMPLETED", paths[4]: "FAILEDRETRIEVE_FILE_NOT_FOUND",
		paths[5]: "FAILEDRETRIEVE_FILE_IS_DIRECTORY", paths[6]: "FAILEDRETRIEVE_FILE_PERMISSION_DENIED",
	}, codes)
	assert.Equal(t, "one", w.object("in/a b.txt"), "what was there is replaced")
	assert.Equal(t, "two", w.object("in/ä+%41@#.txt"), "the base name remains")
	assert.Empty(t, w.object("in/empty"))
	assert.Equal(t, big, w.object("in/big"))

	ids := map[any]bool{}
	for _, ended := range w.receive(w.queueURL, len(paths)) {
		path := ended.Detail["file-path"].(string)
		ids[ended.Detail["file-transfer-id"]] = true
		assert.Equal(t, map[string]any{"operation": "RETRIEVE", "transfer-id": id, "local-directory-path": "/" + w.bucket + "/in"}, ended.pick("operation", "transfer-id", "local-directory-path"))
		if strings.HasPrefix(codes[path], "FAILED") {
			assert.Equal(t, "SFTP Connector File Retrieve Failed", ended.DetailType)
			assert.Equal(t, "FAILED", ended.Detail["status-code"])
			assert.Equal(t, codes[path], "FAILED"+ended.Detail["failure-code"].(string))
			continue
		}
		assert.Equal(t, "SFTP Connector File Retrieve Completed", ended.DetailType)
		key := "in/" + filepath.Base(path)
		assert.Equal(t, map[string]any{
			"status-code": "COMPLETED", "bytes": float64(len(w.object(key))), "local-file-location": map[string]any{"domain": "S3", "bucket": w.bucket, "key": key},
		}, ended.pick("status-code", "failure-code", "bytes", "local-file-location"))
	}
	assert.Len(t, ids, len(paths))
}

func TestRetrieveIntoForbiddenBucket(t *testing.T) {
	t.Parallel()
	w, other := newWorld(t), "forbidden-bucket"
	output, err := w.transfer.StartFileTransfer(t.Context(), &transfer.StartFileTransferInput{
		ConnectorId: &w.connector, RetrieveFilePaths: []string{w.write("a", "", modified)}, LocalDirectoryPath: &other,
	})
	require.NoError(t, err)
	got := w.finish(*output.TransferId)[0]
	assert.Equal(t, types.TransferTableStatusFailed, got.StatusCode)
	assert.Contains(t, *got.FailureMessage, "AccessDenied")
}

func TestSend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put("out/a b+ä.txt", "one")
	w.put("out/again", "new")
	w.write("again", "old and longer", modified)
	paths := []string{"/" + w.bucket + "/out/a b+ä.txt", w.bucket + "/out/again", "/" + w.bucket + "/out/none", "/somebody-elses/file"}
	output, err := w.transfer.StartFileTransfer(t.Context(), &transfer.StartFileTransferInput{ConnectorId: &w.connector, SendFilePaths: paths, RemoteDirectoryPath: &w.directory})
	require.NoError(t, err)

	var codes []string
	for i, result := range w.finish(*output.TransferId) {
		assert.Equal(t, paths[i], *result.FilePath)
		codes = append(codes, string(result.StatusCode)+aws.ToString(result.FailureCode))
	}
	assert.Equal(t, []string{"COMPLETED", "COMPLETED", "FAILEDSEND_FILE_NOT_FOUND", "FAILEDS3_ERROR"}, codes)
	for name, want := range map[string]string{"a b+ä.txt": "one", "again": "new"} {
		text, err := os.ReadFile(filepath.Join(w.files, name))
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
	}
	var kinds []string
	for _, ended := range w.receive(w.queueURL, 4) {
		kinds = append(kinds, ended.DetailType)
		assert.Equal(t, "SEND", ended.Detail["operation"])
	}
	slices.Sort(kinds)
	assert.Equal(t, slices.Concat(slices.Repeat([]string{"SFTP Connector File Send Completed"}, 2), slices.Repeat([]string{"SFTP Connector File Send Failed"}, 2)), kinds)

	output, err = w.transfer.StartFileTransfer(t.Context(), &transfer.StartFileTransferInput{
		ConnectorId: &w.connector, SendFilePaths: paths[:1], RemoteDirectoryPath: aws.String(w.directory + "/none"),
	})
	require.NoError(t, err)
	assert.Equal(t, types.TransferTableStatusFailed, w.finish(*output.TransferId)[0].StatusCode, "a connector makes no directories")
}

func TestMoveAndDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.write("a", "one", modified), w.write("done/b", "two", modified)
	move := func(source, target string) event {
		output, err := w.transfer.StartRemoteMove(t.Context(), &transfer.StartRemoteMoveInput{ConnectorId: &w.connector, SourcePath: &source, TargetPath: &target})
		require.NoError(t, err)
		ended := w.receive(w.queueURL, 1)[0]
		assert.Equal(t, map[string]any{"move-id": *output.MoveId, "move-source-path": source, "move-target-path": target}, ended.pick("move-id", "move-source-path", "move-target-path"))
		return ended
	}
	remove := func(path string) event {
		output, err := w.transfer.StartRemoteDelete(t.Context(), &transfer.StartRemoteDeleteInput{ConnectorId: &w.connector, DeletePath: &path})
		require.NoError(t, err)
		ended := w.receive(w.queueURL, 1)[0]
		assert.Equal(t, map[string]any{"delete-id": *output.DeleteId, "delete-path": path}, ended.pick("delete-id", "delete-path"))
		return ended
	}
	target := w.directory + "/done/a"
	assert.Equal(t, "SFTP Connector Remote Move Completed", move(a, target).DetailType)
	assert.FileExists(t, filepath.Join(w.files, "done", "a"))
	assert.NoFileExists(t, filepath.Join(w.files, "a"))
	failed := move(a, target)
	assert.Equal(t, "SFTP Connector Remote Move Failed", failed.DetailType)
	assert.Equal(t, "MOVE_FILE_NOT_FOUND", failed.Detail["failure-code"])

	assert.Equal(t, "SFTP Connector Remote Delete Failed", remove(w.directory+"/done").DetailType, "only empty directories")
	for _, path := range []string{target, b, w.directory + "/done"} {
		assert.Equal(t, "SFTP Connector Remote Delete Completed", remove(path).DetailType, path)
	}
	assert.NoDirExists(t, filepath.Join(w.files, "done"))
	assert.Equal(t, "DELETE_FILE_NOT_FOUND", remove(b).Detail["failure-code"])
}

// Events reach the rules whose patterns they match.
func TestEventPatterns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	failures := w.watch("pattern-of-failures", "SFTP Connector File Retrieve Failed")
	id, err := w.retrieve(w.write("a", "", modified), w.directory+"/none")
	require.NoError(t, err)
	w.finish(id)

	w.receive(w.queueURL, 2)
	assert.Equal(t, w.directory+"/none", w.receive(failures, 1)[0].Detail["file-path"])
}
