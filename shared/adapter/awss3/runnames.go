package awss3

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/run"
)

// RunNames lists the runs of which a bucket holds records.
type RunNames struct {
	client s3.ListObjectsV2APIClient
	bucket string
}

// NewRunNames lists those in that bucket.
func NewRunNames(cfg aws.Config, bucket string) RunNames {
	return RunNames{client: newClient(cfg), bucket: bucket}
}

// Names gives the names of runs that begin with a prefix, in their order.
func (n RunNames) Names(ctx context.Context, prefix string) ([]string, error) {
	const folder, slash = "runs/", "/"
	pages := s3.NewListObjectsV2Paginator(n.client, &s3.ListObjectsV2Input{
		Bucket: &n.bucket, Prefix: aws.String(folder + prefix), Delimiter: aws.String(slash),
	})
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", location(run.Object{Bucket: n.bucket, Key: folder}), awsapi.Classify(err))
		}
		for _, p := range page.CommonPrefixes {
			name := strings.TrimPrefix(aws.ToString(p.Prefix), folder)
			names = append(names, strings.TrimSuffix(name, slash))
		}
	}
	return names, nil
}
