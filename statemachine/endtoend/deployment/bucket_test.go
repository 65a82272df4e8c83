package deployment

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local"
)

// managedBucket is the managed bucket, which belongs to others, as its owner has
// configured it.
type managedBucket struct {
	queueURL string
	before   bucketState
}

// bucketState is all of the bucket that a deployment could change.
type bucketState struct {
	notifications s3types.NotificationConfiguration
	policy        string
	tags          []s3types.Tag
	objects       map[string]string
	versioning    s3types.BucketVersioningStatus
}

// configureManagedBucket has the bucket notify a queue and a topic of its owner's
// of uploads, besides EventBridge.
func configureManagedBucket(t *testing.T) managedBucket {
	t.Helper()
	name := aws.String(local.ManagedBucket)
	queue, err := sqs.NewFromConfig(cloud.AWS()).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("theirs")})
	require.NoError(t, err)
	topic, err := sns.NewFromConfig(cloud.AWS()).CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("theirs")})
	require.NoError(t, err)
	buckets := s3.NewFromConfig(cloud.AWS())
	created := []s3types.Event{s3types.EventS3ObjectCreated}
	_, err = buckets.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: name, NotificationConfiguration: &s3types.NotificationConfiguration{
			EventBridgeConfiguration: &s3types.EventBridgeConfiguration{},
			QueueConfigurations: []s3types.QueueConfiguration{{
				Id: aws.String("theirs"), QueueArn: aws.String("arn:aws:sqs:us-east-1:123456789012:theirs"), Events: created,
				Filter: &s3types.NotificationConfigurationFilter{Key: &s3types.S3KeyFilter{
					FilterRules: []s3types.FilterRule{{Name: s3types.FilterRuleNamePrefix, Value: aws.String("sync-users/")}},
				}},
			}},
			TopicConfigurations: []s3types.TopicConfiguration{{Id: aws.String("theirs-too"), TopicArn: topic.TopicArn, Events: created}},
		},
	})
	require.NoError(t, err)
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::` + *name + `/*"}]}`
	_, err = buckets.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: name, Policy: &policy})
	require.NoError(t, err)
	_, err = buckets.PutBucketTagging(t.Context(), &s3.PutBucketTaggingInput{
		Bucket: name, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("owner"), Value: aws.String("terraform")}}},
	})
	require.NoError(t, err)
	_, err = buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("reports/inventory.csv"), Body: strings.NewReader("a,b\n")})
	require.NoError(t, err)
	return managedBucket{queueURL: *queue.QueueUrl, before: readBucket(t)}
}

func readBucket(t *testing.T) bucketState {
	t.Helper()
	buckets, name := s3.NewFromConfig(cloud.AWS()), aws.String(local.ManagedBucket)
	notifications, err := buckets.GetBucketNotificationConfiguration(t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: name})
	require.NoError(t, err)
	policy, err := buckets.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: name})
	require.NoError(t, err)
	tags, err := buckets.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: name})
	require.NoError(t, err)
	versioning, err := buckets.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: name})
	require.NoError(t, err)
	return bucketState{s3types.NotificationConfiguration{
		EventBridgeConfiguration: notifications.EventBridgeConfiguration, LambdaFunctionConfigurations: notifications.LambdaFunctionConfigurations,
		QueueConfigurations: notifications.QueueConfigurations, TopicConfigurations: notifications.TopicConfigurations,
	}, *policy.Policy, tags.TagSet, listObjects(t, local.ManagedBucket), versioning.Status}
}

// listObjects returns the ETag and time of a bucket's objects, by key.
func listObjects(t *testing.T, bucket string) map[string]string {
	t.Helper()
	listed, err := s3.NewFromConfig(cloud.AWS()).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
	require.NoError(t, err)
	found := map[string]string{}
	for _, object := range listed.Contents {
		found[*object.Key] = *object.ETag + " " + object.LastModified.Format(time.RFC3339Nano)
	}
	return found
}

// assertUnchanged asserts that the bucket is as before, and that its owner is still
// notified of uploads.
func (b managedBucket) assertUnchanged(t *testing.T) {
	t.Helper()
	assert.Equal(t, b.before, readBucket(t))

	buckets, upload := s3.NewFromConfig(cloud.AWS()), aws.String("sync-users/upload")
	_, err := buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(local.ManagedBucket), Key: upload})
	require.NoError(t, err)
	_, err = buckets.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(local.ManagedBucket), Key: upload})
	require.NoError(t, err)
	notified := 0
	for body, ok := b.message(t); ok; body, ok = b.message(t) {
		notified += strings.Count(body, "upload")
	}
	assert.Equal(t, 1, notified)
}

// message receives the next notification of the bucket's owner.
func (b managedBucket) message(t *testing.T) (body string, ok bool) {
	t.Helper()
	queue := sqs.NewFromConfig(cloud.AWS())
	got, err := queue.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &b.queueURL})
	require.NoError(t, err)
	if len(got.Messages) == 0 {
		return "", false
	}
	_, err = queue.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &b.queueURL, ReceiptHandle: got.Messages[0].ReceiptHandle})
	require.NoError(t, err)
	return *got.Messages[0].Body, true
}
