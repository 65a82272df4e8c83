package awss3

import (
	"context"
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
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// lockKey and the JSON field of lockRecord are the names that earlier versions
// use: a run that one of them started before an update has to be found and waited for.
const lockKey = "turn.json"

type lockRecord struct {
	Owner string `json:"holder"`
}

// maxLockSize is the most that is read of the lock, in bytes. An owner's name
// takes far less.
const maxLockSize = 4 << 10

// LockStore keeps the owner of the lock in an object of a bucket. The version is
// the object's ETag, and writes are conditional, so that only one of several
// concurrent writes succeeds
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
//
// Reading needs s3:ListBucket on the bucket besides s3:GetObject: without it, S3
// answers AccessDenied instead of NoSuchKey while there is no object.
type LockStore struct {
	client objectsClient
	object run.Object
}

var _ runlock.Store = LockStore{}

// NewLockStore makes a LockStore for that bucket.
func NewLockStore(cfg aws.Config, bucket string) LockStore {
	return LockStore{client: newClient(cfg), object: run.Object{Bucket: bucket, Key: lockKey}}
}

// Owner returns the lock's owner and version; both are empty if the lock was never
// acquired.
func (s LockStore) Owner(ctx context.Context) (owner, version string, err error) {
	output, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.object.Bucket, Key: &s.object.Key})
	var notFound *types.NoSuchKey
	if errors.As(err, &notFound) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("read %s: %w", uri(s.object), awsapi.Classify(err))
	}
	defer output.Body.Close()
	body, err := io.ReadAll(io.LimitReader(output.Body, maxLockSize))
	if err != nil {
		return "", "", fmt.Errorf("read %s: %w", uri(s.object), awsapi.Classify(err))
	}
	var record lockRecord
	if err := json.Unmarshal(body, &record); err != nil {
		return "", "", errkind.Errorf(errkind.Misconfigured,
			"%s does not name the lock's owner; delete it when no run is going on: %w", uri(s.object), err)
	}
	return record.Owner, aws.ToString(output.ETag), nil
}

// CompareAndSwap writes a new owner if the lock still has that version, and
// returns runlock.ErrConflict otherwise.
func (s LockStore) CompareAndSwap(ctx context.Context, owner, version string) error {
	err := putJSON(ctx, s.client, s.object, lockRecord{Owner: owner}, func(input *s3.PutObjectInput) {
		if version == "" {
			input.IfNoneMatch = aws.String("*")
		} else {
			input.IfMatch = &version
		}
	})
	// S3 answers NoSuchKey if the object was deleted since it was read.
	if awsapi.Is(err, "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey") {
		return runlock.ErrConflict
	}
	return err
}
