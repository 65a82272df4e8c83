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

// bucketOfOthers is the managed bucket, with what its owner has in it and set
// on it.
type bucketOfOthers struct {
	queueURL string
	was      bucketState
}

// bucketState is all of the bucket that a stack could touch.
type bucketState struct {
	notifications s3types.NotificationConfiguration
	policy        string
	tags          []s3types.Tag
	objects       map[string]string
	versioning    s3types.BucketVersioningStatus
}

// newBucketOfOthers has the bucket tell a queue and a topic of its owner's of
// uploads, besides EventBridge.
func newBucketOfOthers(t *testing.T) bucketOfOthers {
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
	return bucketOfOthers{queueURL: *queue.QueueUrl, was: readBucket(t)}
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
	}, *policy.Policy, tags.TagSet, objects(t, local.ManagedBucket), versioning.Status}
}

// objects gives what a bucket has, by key, with what changes when one is written.
func objects(t *testing.T, bucket string) map[string]string {
	t.Helper()
	listed, err := s3.NewFromConfig(cloud.AWS()).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
	require.NoError(t, err)
	found := map[string]string{}
	for _, object := range listed.Contents {
		found[*object.Key] = *object.ETag + " " + object.LastModified.Format(time.RFC3339Nano)
	}
	return found
}

// isUntouched asserts that the bucket is as it was, and that its owner still
// hears of uploads.
func (b bucketOfOthers) isUntouched(t *testing.T) {
	t.Helper()
	assert.Equal(t, b.was, readBucket(t))

	buckets, knock := s3.NewFromConfig(cloud.AWS()), aws.String("sync-users/knock")
	_, err := buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(local.ManagedBucket), Key: knock})
	require.NoError(t, err)
	_, err = buckets.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(local.ManagedBucket), Key: knock})
	require.NoError(t, err)
	heard := 0
	for body, ok := b.message(t); ok; body, ok = b.message(t) {
		heard += strings.Count(body, "knock")
	}
	assert.Equal(t, 1, heard)
}

// message takes what the bucket's owner was told, one after the other.
func (b bucketOfOthers) message(t *testing.T) (body string, ok bool) {
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
