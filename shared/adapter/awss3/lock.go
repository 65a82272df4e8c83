package awss3

import (
	"bytes"
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

const (
	lockKey = "turn.json"
	// maxLockSize is far more than a holder's name takes, in bytes.
	maxLockSize = 4 << 10
)

// LockStore keeps the record of whose turn it is in a bucket. Its version is the
// object's ETag; conditional writes see to it that of two runs one gets the
// turn (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
//
// Who reads needs s3:ListBucket on the bucket besides s3:GetObject: without
// it, S3 answers AccessDenied when there is no record yet.
type LockStore struct {
	client objectsClient
	object run.Object
}

type lockRecord struct {
	Holder string `json:"holder"`
}

var _ runlock.Store = LockStore{}

// NewLockStore keeps the record in that bucket.
func NewLockStore(cfg aws.Config, bucket string) LockStore {
	return LockStore{client: newClient(cfg), object: run.Object{Bucket: bucket, Key: lockKey}}
}

// Owner gives the holder on record and the record's version; both empty when
// there is no record.
func (t LockStore) Owner(ctx context.Context) (holder, version string, err error) {
	output, err := t.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &t.object.Bucket, Key: &t.object.Key})
	var missing *types.NoSuchKey
	if errors.As(err, &missing) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("read %s: %w", location(t.object), awsapi.Classify(err))
	}
	defer output.Body.Close()
	body, err := io.ReadAll(io.LimitReader(output.Body, maxLockSize))
	if err != nil {
		return "", "", fmt.Errorf("read %s: %w", location(t.object), awsapi.Classify(err))
	}
	var record lockRecord
	if err := json.Unmarshal(body, &record); err != nil {
		return "", "", errkind.Errorf(errkind.Misconfigured,
			"%s does not say whose turn it is; delete it when no run is going: %w", location(t.object), err)
	}
	return record.Holder, aws.ToString(output.ETag), nil
}

// CompareAndSwap puts a holder on record if the version is still that one, else
// runlock.ErrMoved.
func (t LockStore) CompareAndSwap(ctx context.Context, holder, version string) error {
	body, err := json.Marshal(lockRecord{Holder: holder})
	if err != nil {
		return fmt.Errorf("write %s as JSON: %w", location(t.object), err)
	}
	input := &s3.PutObjectInput{
		Bucket:      &t.object.Bucket,
		Key:         &t.object.Key,
		ContentType: aws.String(contentType),
		Body:        bytes.NewReader(body),
	}
	if version == "" {
		input.IfNoneMatch = aws.String("*")
	} else {
		input.IfMatch = &version
	}
	_, err = t.client.PutObject(ctx, input)
	// NoSuchKey is the answer when the version that was read is gone.
	if awsapi.Is(err, "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey") {
		return runlock.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", location(t.object), awsapi.Classify(err))
	}
	return nil
}
