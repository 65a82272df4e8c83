package awss3

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

const contentType = "application/json"

// largest is the most bytes that are read of one object, which has to fit into
// a function's memory. The results of 5,000 users, the most that an AWS account
// has, take about a quarter of it.
const largest = 64 << 20

// Runs keeps the records of runs in a bucket, as JSON objects.
type Runs struct {
	client objectsClient
	bucket string
}

type objectsClient interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

var (
	_ run.Writer = Runs{}
	_ run.Reader = Runs{}
)

// NewRuns keeps records in that bucket.
func NewRuns(cfg aws.Config, bucket string) Runs {
	return Runs{client: newClient(cfg), bucket: bucket}
}

// Save writes a value as JSON under a key and says where it stands.
func (r Runs) Save(ctx context.Context, key string, value any) (run.Object, error) {
	object := run.Object{Bucket: r.bucket, Key: key}
	body, err := json.Marshal(value)
	if err != nil {
		return run.Object{}, fmt.Errorf("write %s as JSON: %w", location(object), err)
	}
	_, err = r.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket:      &object.Bucket,
		Key:         &object.Key,
		ContentType: aws.String(contentType),
		Body:        bytes.NewReader(body),
	})
	if err != nil {
		return run.Object{}, fmt.Errorf("write %s: %w", location(object), awsapi.Classify(err))
	}
	return object, nil
}

// Load reads JSON into a value that it points to. An object of more than
// 64 MiB is refused.
func (r Runs) Load(ctx context.Context, object run.Object, value any) error {
	body, err := r.read(ctx, object)
	if err != nil {
		return fmt.Errorf("read %s: %w", location(object), err)
	}
	if err := json.Unmarshal(body, value); err != nil {
		return fmt.Errorf("read %s as JSON: %w", location(object), err)
	}
	return nil
}

func (r Runs) read(ctx context.Context, object run.Object) ([]byte, error) {
	output, err := r.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &object.Bucket, Key: &object.Key})
	if err != nil {
		return nil, awsapi.Classify(err)
	}
	defer output.Body.Close()
	if size := aws.ToInt64(output.ContentLength); size > largest {
		return nil, errkind.Errorf(errkind.Unexpected, "its %d bytes are more than %d MiB", size, largest>>20)
	}
	body, err := io.ReadAll(output.Body)
	return body, awsapi.Classify(err)
}

func location(object run.Object) string { return "s3://" + object.Bucket + "/" + object.Key }
