package awss3

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// maxRecordSize is the most that is read of a record, in bytes. A key has up to 1,024
// bytes, and a path up to 4,095.
const maxRecordSize = 64 << 10

// SentRecords keeps the records of the files that were sent, one object for each place on
// an SFTP server, under `sent/`. It needs the permissions of LockStore.
type SentRecords struct {
	client objectsClient
	bucket string
}

var _ sendfile.Records = SentRecords{}

// NewSentRecords makes a SentRecords for that bucket.
func NewSentRecords(cfg aws.Config, bucket string) SentRecords {
	return SentRecords{client: newClient(cfg), bucket: bucket}
}

func (r SentRecords) object(server, path string) run.Object {
	return run.Object{Bucket: r.bucket, Key: fmt.Sprintf("sent/%x.json", sha256.Sum256([]byte(server+"\x00"+path)))}
}

// Read returns the record of a place, with the ETag of its object as its version.
func (r SentRecords) Read(ctx context.Context, server, path string) (sendfile.Record, string, error) {
	object := r.object(server, path)
	output, err := r.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &object.Bucket, Key: &object.Key})
	if errors.As(err, new(*types.NoSuchKey)) {
		return sendfile.Record{}, "", nil
	}
	if err != nil {
		return sendfile.Record{}, "", fmt.Errorf("read %s: %w", object.URI(), awsapi.Classify(err))
	}
	defer output.Body.Close()
	body, err := io.ReadAll(io.LimitReader(output.Body, maxRecordSize))
	if err != nil {
		return sendfile.Record{}, "", fmt.Errorf("read %s: %w", object.URI(), awsapi.Classify(err))
	}
	var record sendfile.Record
	if err := json.Unmarshal(body, &record); err != nil {
		return sendfile.Record{}, "", errkind.Errorf(errkind.Misconfigured,
			"%s is no record of a file; delete it, and what was sent to %s is not known any more: %w", object.URI(), path, err)
	}
	return record, aws.ToString(output.ETag), nil
}

// CompareAndSwap writes a record if its object still has that ETag.
func (r SentRecords) CompareAndSwap(ctx context.Context, record sendfile.Record, version string) (string, error) {
	etag, err := putJSON(ctx, r.client, r.object(record.Server, record.Path), record, ifVersion(version))
	if isConflict(err) {
		return "", sendfile.ErrConflict
	}
	return etag, err
}
