// Package awss3 reads the buckets of an account, and reads and writes the objects
// of a run, in Amazon S3.
package awss3

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/run"
)

type objectsClient interface {
	s3.ListObjectsV2APIClient
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
}

func newClient(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		// An S3-compatible store has no host name for every bucket.
		o.UsePathStyle = o.BaseEndpoint != nil
	})
}

// putJSON writes a value as JSON to an object, under the conditions that are set
// in the input, and returns the object's ETag.
func putJSON(ctx context.Context, client objectsClient, object run.Object, value any, conditions ...func(*s3.PutObjectInput)) (etag string, err error) {
	body, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("write %s as JSON: %w", object.URI(), err)
	}
	return put(ctx, client, object, "application/json", body, conditions...)
}

func put(
	ctx context.Context, client objectsClient, object run.Object, contentType string, body []byte, conditions ...func(*s3.PutObjectInput),
) (etag string, err error) {
	input := &s3.PutObjectInput{
		Bucket:      &object.Bucket,
		Key:         &object.Key,
		ContentType: &contentType,
		Body:        bytes.NewReader(body),
	}
	for _, set := range conditions {
		set(input)
	}
	output, err := client.PutObject(ctx, input)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", object.URI(), awsapi.Classify(err))
	}
	return aws.ToString(output.ETag), nil
}
