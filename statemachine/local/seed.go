package local

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// passwordParameter is the deployment's default reference to SFTPGo's password.
const passwordParameter = "/sftpgo/password"

// seed creates what a deployment expects in an account: the managed bucket,
// which is not the stack's own and has to notify EventBridge, and SFTPGo's
// password.
func (c *Cloud) seed(ctx context.Context) error {
	buckets, bucket := s3.NewFromConfig(c.AWS()), aws.String(ManagedBucket)
	if _, err := buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		return fmt.Errorf("create bucket %s: %w", *bucket, err)
	}
	_, err := buckets.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
		Bucket: bucket,
		NotificationConfiguration: &s3types.NotificationConfiguration{
			EventBridgeConfiguration: &s3types.EventBridgeConfiguration{},
		},
	})
	if err != nil {
		return fmt.Errorf("have bucket %s notify EventBridge: %w", *bucket, err)
	}
	_, err = ssm.NewFromConfig(c.AWS()).PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(passwordParameter), Value: &c.SFTPGoPassword, Type: ssmtypes.ParameterTypeSecureString,
	})
	if err != nil {
		return fmt.Errorf("put parameter %s: %w", passwordParameter, err)
	}
	c.report("bucket %s and parameter %s are created", *bucket, passwordParameter)
	return nil
}
