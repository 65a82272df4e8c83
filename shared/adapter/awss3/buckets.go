package awss3

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/run"
)

const (
	// pageSize is set because S3 gives the buckets' regions only in a paged list
	// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Bucket.html).
	pageSize = 1000
	// maxLocationCalls is how many calls for a bucket's location are made at once.
	maxLocationCalls = 8
)

// Buckets lists the buckets of an account.
type Buckets struct {
	client bucketsClient
}

type bucketsClient interface {
	s3.ListBucketsAPIClient
	GetBucketLocation(context.Context, *s3.GetBucketLocationInput, ...func(*s3.Options)) (*s3.GetBucketLocationOutput, error)
}

var _ discover.BucketLister = Buckets{}

// NewBuckets makes a Buckets for the account of the configuration.
func NewBuckets(cfg aws.Config) Buckets {
	return Buckets{client: newClient(cfg)}
}

// Buckets returns every bucket whose name is wanted, in the order of S3, with its
// region, or an error if any part of them can't be read. AWS lists buckets with
// their regions; where an S3-compatible store does not, it takes one call for each bucket.
func (b Buckets) Buckets(ctx context.Context, wanted func(name string) bool) ([]run.Bucket, error) {
	var buckets []run.Bucket
	pages := s3.NewListBucketsPaginator(b.client, &s3.ListBucketsInput{MaxBuckets: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, awsapi.Classify(err)
		}
		for _, bucket := range page.Buckets {
			if name := aws.ToString(bucket.Name); wanted(name) {
				buckets = append(buckets, run.Bucket{Name: name, Region: aws.ToString(bucket.BucketRegion)})
			}
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxLocationCalls)
	for i := range buckets {
		if bucket := &buckets[i]; bucket.Region == "" {
			group.Go(func() (err error) {
				bucket.Region, err = b.region(ctx, bucket.Name)
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return buckets, nil
}

// region returns the region of a bucket. Two locations are not named like their regions
// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html).
func (b Buckets) region(ctx context.Context, bucket string) (string, error) {
	location, err := b.client.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: &bucket})
	if err != nil {
		return "", fmt.Errorf("region of %s: %w", bucket, awsapi.Classify(err))
	}
	switch location.LocationConstraint {
	case "":
		return "us-east-1", nil
	case types.BucketLocationConstraintEu:
		return "eu-west-1", nil
	}
	return string(location.LocationConstraint), nil
}
