package local

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// passwordParameter is where the deployment's default reference points.
const passwordParameter = "/sftpgo/password"

// furnish makes what a deployment finds in an account: the managed bucket,
// which somebody else's Terraform made and lets EventBridge know of, and
// SFTPGo's password.
func (c *Cloud) furnish(ctx context.Context) error {
	buckets := s3.NewFromConfig(c.AWS())
	bucket := ManagedBucket
	if _, err := buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		return fmt.Errorf("create bucket %s: %w", bucket, err)
	}
	_, err := buckets.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
		Bucket: &bucket,
		NotificationConfiguration: &s3types.NotificationConfiguration{
			EventBridgeConfiguration: &s3types.EventBridgeConfiguration{},
		},
	})
	if err != nil {
		return fmt.Errorf("notify EventBridge of %s: %w", bucket, err)
	}
	name := passwordParameter
	_, err = ssm.NewFromConfig(c.AWS()).PutParameter(ctx, &ssm.PutParameterInput{
		Name:  &name,
		Value: &c.SFTPGoPassword,
		Type:  ssmtypes.ParameterTypeSecureString,
	})
	if err != nil {
		return fmt.Errorf("put parameter %s: %w", name, err)
	}
	c.progress.done("bucket %s and parameter %s are there", bucket, name)
	return nil
}
