// Package awss3 reads buckets, and keeps what a run writes, in Amazon S3.
package awss3

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func newClient(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		// A store that is not AWS's own has no host name for every bucket.
		o.UsePathStyle = o.BaseEndpoint != nil
	})
}
