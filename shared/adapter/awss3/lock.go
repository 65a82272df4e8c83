package awss3

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
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

// NewNamedLockStore makes a LockStore for one of several locks of a bucket.
func NewNamedLockStore(cfg aws.Config, bucket, name string) LockStore {
	return LockStore{client: newClient(cfg), object: run.Object{Bucket: bucket, Key: "locks/" + name + ".json"}}
}

// Read reads the lock, with the object's Last-Modified and the time of the response
// as its times. Owner and Version are empty if the lock was never acquired.
func (s LockStore) Read(ctx context.Context) (runlock.Record, error) {
	output, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.object.Bucket, Key: &s.object.Key})
	var notFound *types.NoSuchKey
	if errors.As(err, &notFound) {
		return runlock.Record{ReadAt: errorTime(err)}, nil
	}
	if err != nil {
		return runlock.Record{}, fmt.Errorf("read %s: %w", s.object.URI(), awsapi.Classify(err))
	}
	defer output.Body.Close()
	body, err := io.ReadAll(io.LimitReader(output.Body, maxLockSize))
	if err != nil {
		return runlock.Record{}, fmt.Errorf("read %s: %w", s.object.URI(), awsapi.Classify(err))
	}
	var record lockRecord
	if err := json.Unmarshal(body, &record); err != nil {
		return runlock.Record{}, errkind.Errorf(errkind.Misconfigured,
			"%s does not name the lock's owner; delete it when no run is going on: %w", s.object.URI(), err)
	}
	readAt, ok := middleware.GetServerTime(output.ResultMetadata)
	if !ok {
		readAt = time.Now()
	}
	return runlock.Record{
		Owner: record.Owner, Version: aws.ToString(output.ETag),
		WrittenAt: aws.ToTime(output.LastModified), ReadAt: readAt,
	}, nil
}

// errorTime returns the Date of the response that an error came with, or else the time
// of this machine.
func errorTime(err error) time.Time {
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		if date, err := http.ParseTime(response.HTTPResponse().Header.Get("Date")); err == nil {
			return date
		}
	}
	return time.Now()
}

// CompareAndSwap writes a new owner if the lock still has that version, and
// returns runlock.ErrConflict otherwise.
func (s LockStore) CompareAndSwap(ctx context.Context, owner, version string) error {
	_, err := putJSON(ctx, s.client, s.object, lockRecord{Owner: owner}, ifVersion(version))
	if isConflict(err) {
		return runlock.ErrConflict
	}
	return err
}

// ifVersion makes a write conditional on the object's ETag, or on there being none.
func ifVersion(version string) func(*s3.PutObjectInput) {
	return func(input *s3.PutObjectInput) {
		if version == "" {
			input.IfNoneMatch = aws.String("*")
		} else {
			input.IfMatch = &version
		}
	}
}

// isConflict reports whether an object is not as a request requires. S3 answers NoSuchKey
// if it was deleted since it was read.
func isConflict(err error) bool {
	return awsapi.Is(err, "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
}
