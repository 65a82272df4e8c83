package awsiam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/access"
)

// AccessKeys lists the access keys of IAM users.
type AccessKeys struct {
	client iam.ListAccessKeysAPIClient
}

var _ access.AccessKeys = AccessKeys{}

// NewAccessKeys makes an AccessKeys for the AWS account of the configuration.
func NewAccessKeys(cfg aws.Config) AccessKeys {
	return AccessKeys{client: iam.NewFromConfig(cfg)}
}

// AccessKeys returns the access keys of an IAM user.
func (k AccessKeys) AccessKeys(ctx context.Context, username string) ([]access.AccessKey, error) {
	pages := iam.NewListAccessKeysPaginator(k.client, &iam.ListAccessKeysInput{UserName: &username})
	var keys []access.AccessKey
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, awsapi.Classify(err)
		}
		for _, key := range page.AccessKeyMetadata {
			keys = append(keys, access.AccessKey{
				ID:        aws.ToString(key.AccessKeyId),
				Active:    key.Status == types.StatusTypeActive,
				CreatedAt: aws.ToTime(key.CreateDate),
			})
		}
	}
	return keys, nil
}
