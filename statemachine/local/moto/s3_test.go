package moto_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConditionalWriteHasOneWinner(t *testing.T) {
	t.Parallel()
	createBucket(t, "contended", nil)
	const writers, objects = 20, 5
	for i := range objects {
		key := fmt.Sprint("lock-", i)
		won := make(chan bool, writers)
		for range writers {
			go func() {
				_, err := s3.NewFromConfig(account).PutObject(t.Context(), &s3.PutObjectInput{
					Bucket: aws.String("contended"), Key: &key, IfNoneMatch: aws.String("*"),
				})
				won <- err == nil
			}()
		}
		winners := 0
		for range writers {
			if <-won {
				winners++
			}
		}
		assert.Equal(t, 1, winners)
	}
}

func TestNotificationConfiguration(t *testing.T) {
	t.Parallel()
	createBucket(t, "silent", nil)
	createBucket(t, "notifying", nil)
	notify(t, "notifying")
	for bucket, want := range map[string]bool{"silent": false, "notifying": true} {
		got, err := s3.NewFromConfig(account).GetBucketNotificationConfiguration(t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: &bucket})
		require.NoError(t, err)
		assert.Equal(t, want, got.EventBridgeConfiguration != nil, bucket)
	}
}
