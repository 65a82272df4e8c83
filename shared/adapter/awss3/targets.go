package awss3

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

var _ fetchrun.RecordStore = Runs{}

// Keys returns the keys that begin with a prefix, in ascending order.
func (r Runs) Keys(ctx context.Context, prefix string) ([]string, error) {
	pages := s3.NewListObjectsV2Paginator(r.client, &s3.ListObjectsV2Input{Bucket: &r.bucket, Prefix: &prefix})
	var keys []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", run.Object{Bucket: r.bucket, Key: prefix}.URI(), awsapi.Classify(err))
		}
		for _, object := range page.Contents {
			keys = append(keys, aws.ToString(object.Key))
		}
	}
	return keys, nil
}

// deletesAtOnce is how many objects are deleted at the same time.
const deletesAtOnce = 32

// Delete deletes objects. That one is not there is no error.
func (r Runs) Delete(ctx context.Context, keys []string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(deletesAtOnce)
	for _, key := range keys {
		group.Go(func() error {
			if _, err := r.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &r.bucket, Key: &key}); err != nil {
				return fmt.Errorf("delete %s: %w", run.Object{Bucket: r.bucket, Key: key}.URI(), awsapi.Classify(err))
			}
			return nil
		})
	}
	return group.Wait()
}

// SyncLocks has a lock for each sync in a bucket.
type SyncLocks struct {
	cfg    aws.Config
	bucket string
}

var _ fetchrun.Locks = SyncLocks{}

// NewSyncLocks makes a SyncLocks for that bucket.
func NewSyncLocks(cfg aws.Config, bucket string) SyncLocks { return SyncLocks{cfg, bucket} }

// Lock returns the lock of a sync.
func (l SyncLocks) Lock(sync string) runlock.Store { return NewNamedLockStore(l.cfg, l.bucket, sync) }

// Targets reads and deletes objects that were fetched. It needs s3:GetObject, s3:ListBucket
// and s3:DeleteObject.
type Targets struct {
	client *s3.Client
}

var _ fetchrun.Targets = Targets{}

// NewTargets makes a Targets.
func NewTargets(cfg aws.Config) Targets { return Targets{client: newClient(cfg)} }

// Head returns an object; false if there is none.
func (t Targets) Head(ctx context.Context, bucket, key string) (fetchrun.Object, bool, error) {
	output, err := t.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if awsapi.Is(err, "NotFound", "NoSuchKey") {
		return fetchrun.Object{}, false, nil
	}
	if err != nil {
		return fetchrun.Object{}, false, fmt.Errorf("look at %s: %w", run.Object{Bucket: bucket, Key: key}.URI(), awsapi.Classify(err))
	}
	return fetchrun.Object{
		Key: key, Size: aws.ToInt64(output.ContentLength), ETag: trimETag(output.ETag), VersionID: aws.ToString(output.VersionId),
		StoredAt: aws.ToTime(output.LastModified),
	}, true, nil
}

// List returns the objects whose keys begin with a prefix and have no other slash.
func (t Targets) List(ctx context.Context, bucket, prefix string) iter.Seq2[fetchrun.Object, error] {
	return func(yield func(fetchrun.Object, error) bool) {
		pages := s3.NewListObjectsV2Paginator(t.client, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix, Delimiter: aws.String("/")})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(fetchrun.Object{}, fmt.Errorf("list %s: %w", run.Object{Bucket: bucket, Key: prefix}.URI(), awsapi.Classify(err)))
				return
			}
			for _, o := range page.Contents {
				object := fetchrun.Object{Key: aws.ToString(o.Key), Size: aws.ToInt64(o.Size), ETag: trimETag(o.ETag), StoredAt: aws.ToTime(o.LastModified)}
				if !yield(object, nil) {
					return
				}
			}
		}
	}
}

// Delete deletes an object if it still has that ETag
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html).
func (t Targets) Delete(ctx context.Context, bucket, key, etag string) error {
	_, err := t.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key, IfMatch: aws.String(`"` + etag + `"`)})
	if err == nil || isConflict(err) || errors.As(err, new(*types.NotFound)) {
		return nil
	}
	return fmt.Errorf("delete %s: %w", run.Object{Bucket: bucket, Key: key}.URI(), awsapi.Classify(err))
}
