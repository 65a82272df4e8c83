package awss3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/failuremail"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

var (
	_ sendrun.Lister   = Source{}
	_ sendrun.Store    = Runs{}
	_ failuremail.Logs = MailLogs{}
)

// List returns the objects whose keys begin with a prefix, without version ids and
// checksums. It needs s3:ListBucket.
func (s Source) List(ctx context.Context, bucket, prefix string) iter.Seq2[sendfile.Object, error] {
	return func(yield func(sendfile.Object, error) bool) {
		pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(sendfile.Object{}, fmt.Errorf("list %s: %w", (run.Object{Bucket: bucket, Key: prefix}).URI(), awsapi.Classify(err)))
				return
			}
			for _, o := range page.Contents {
				object := sendfile.Object{
					Bucket: bucket, Key: aws.ToString(o.Key), ETag: trimETag(o.ETag), Size: aws.ToInt64(o.Size), UploadedAt: aws.ToTime(o.LastModified),
				}
				if !yield(object, nil) {
					return
				}
			}
		}
	}
}

// LoadIfExists is Load by a key, and returns false if there is no object.
func (r Runs) LoadIfExists(ctx context.Context, key string, pointer any) (bool, error) {
	err := r.Load(ctx, run.Object{Bucket: r.bucket, Key: key}, pointer)
	if errors.As(err, new(*types.NoSuchKey)) {
		return false, nil
	}
	return err == nil, err
}

// mailLogKey is the key of the log of mails in the runs bucket.
const mailLogKey = "mails.json"

// MailLogs keeps the log of mails in an object of a bucket. It needs the permissions of
// LockStore.
type MailLogs struct {
	client objectsClient
	object run.Object
}

// NewMailLogs makes a MailLogs for that bucket.
func NewMailLogs(cfg aws.Config, bucket string) MailLogs {
	return MailLogs{client: newClient(cfg), object: run.Object{Bucket: bucket, Key: mailLogKey}}
}

// Read returns the log with the ETag of its object as its version.
func (m MailLogs) Read(ctx context.Context) (log failuremail.Log, version string, err error) {
	output, err := m.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &m.object.Bucket, Key: &m.object.Key})
	if errors.As(err, new(*types.NoSuchKey)) {
		return log, "", nil
	}
	if err != nil {
		return log, "", fmt.Errorf("read %s: %w", m.object.URI(), awsapi.Classify(err))
	}
	defer output.Body.Close()
	body, err := io.ReadAll(output.Body)
	if err != nil {
		return log, "", fmt.Errorf("read %s: %w", m.object.URI(), awsapi.Classify(err))
	}
	return log, aws.ToString(output.ETag), json.Unmarshal(body, &log)
}

// CompareAndSwap writes the log if its object still has that ETag.
func (m MailLogs) CompareAndSwap(ctx context.Context, log failuremail.Log, version string) error {
	_, err := putJSON(ctx, m.client, m.object, log, ifVersion(version))
	if isConflict(err) {
		return failuremail.ErrLogChanged
	}
	return err
}
