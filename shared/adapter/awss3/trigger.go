package awss3

import (
	"bytes"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Trigger is the object of a managed bucket whose upload starts a run.
type Trigger struct {
	client triggerClient
	object run.Object
}

type triggerClient interface {
	notificationsClient
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

type notificationsClient interface {
	GetBucketNotificationConfiguration(context.Context, *s3.GetBucketNotificationConfigurationInput, ...func(*s3.Options)) (*s3.GetBucketNotificationConfigurationOutput, error)
}

// NewTrigger makes the Trigger of that managed bucket.
func NewTrigger(cfg aws.Config, managedBucket string) Trigger {
	return Trigger{client: newClient(cfg), object: run.Object{Bucket: managedBucket, Key: run.TriggerKey}}
}

// Upload uploads the empty object, and returns its place.
func (t Trigger) Upload(ctx context.Context) (run.Object, error) {
	_, err := t.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &t.object.Bucket, Key: &t.object.Key, Body: bytes.NewReader(nil)})
	if err != nil {
		return run.Object{}, fmt.Errorf("write %s: %w", t.object.URI(), awsapi.Classify(err))
	}
	return t.object, nil
}

// wrongRegionCodes are the errors of a bucket that is in another region than the client's
// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
var wrongRegionCodes = []string{"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}

// EventBridgeEnabled is CheckEventBridgeEnabled of the managed bucket.
func (t Trigger) EventBridgeEnabled(ctx context.Context) error {
	return checkEventBridgeEnabled(ctx, t.client, t.object.Bucket)
}

// CheckEventBridgeEnabled returns Misconfigured if the bucket does not notify EventBridge of
// uploads, or notifies that of another region than the configuration's.
func CheckEventBridgeEnabled(ctx context.Context, cfg aws.Config, bucket string) error {
	return checkEventBridgeEnabled(ctx, newClient(cfg), bucket)
}

func checkEventBridgeEnabled(ctx context.Context, client notificationsClient, bucket string) error {
	output, err := client.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: &bucket})
	if awsapi.Is(err, wrongRegionCodes...) {
		return errkind.Errorf(errkind.Misconfigured, "the bucket %s is in another region, and notifies EventBridge there: %w", bucket, awsapi.Classify(err))
	}
	if err != nil {
		return awsapi.Classify(err)
	}
	if output.EventBridgeConfiguration == nil {
		return errkind.Errorf(errkind.Misconfigured, "the bucket %s does not notify EventBridge of uploads", bucket)
	}
	return nil
}
