package moto_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
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

func TestListBuckets(t *testing.T) {
	t.Parallel()
	_, err := s3.NewFromConfig(account).CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("paged-c"), CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraintEuWest1},
	})
	require.NoError(t, err)
	for _, name := range []string{"paged-b", "paged-a"} {
		createBucket(t, name, nil)
	}
	var got [][]string
	pages := s3.NewListBucketsPaginator(s3.NewFromConfig(account), &s3.ListBucketsInput{Prefix: aws.String("paged-"), MaxBuckets: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		var names []string
		for _, bucket := range page.Buckets {
			names = append(names, *bucket.Name+" in "+*bucket.BucketRegion)
		}
		got = append(got, names)
	}
	assert.Equal(t, [][]string{{"paged-a in us-east-1", "paged-b in us-east-1"}, {"paged-c in eu-west-1"}}, got)
}

// The checksum of a multipart upload is one of its parts' checksums, and says so: it can't be
// compared with the content's.
func TestCompositeChecksum(t *testing.T) {
	t.Parallel()
	createBucket(t, "parts", nil)
	client, bucket, key := s3.NewFromConfig(account), aws.String("parts"), aws.String("large")
	upload, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32})
	require.NoError(t, err)
	part, err := client.UploadPart(t.Context(), &s3.UploadPartInput{
		Bucket: bucket, Key: key, UploadId: upload.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("x"), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
	})
	require.NoError(t, err)
	_, err = client.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: key, UploadId: upload.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: part.ETag}}},
	})
	require.NoError(t, err)
	got, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: key, ChecksumMode: types.ChecksumModeEnabled})
	require.NoError(t, err)
	assert.Regexp(t, `^.+-1$`, aws.ToString(got.ChecksumCRC32))
	assert.Equal(t, types.ChecksumTypeComposite, got.ChecksumType)
}
