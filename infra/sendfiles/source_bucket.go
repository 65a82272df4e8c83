package sendfiles

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/construct"
)

// newSourceBucket creates the source bucket if the settings ask for it, and returns its
// name. It and its objects outlive the installation.
func newSourceBucket(scope constructs.Construct, settings *Settings) *string {
	if !settings.CreateSourceBucket {
		return &settings.SourceBucket
	}
	props := construct.BucketProps(scope, "SourceKey", &settings.Common)
	props.BucketName = &settings.SourceBucket
	props.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	props.LifecycleRules = &[]*awss3.LifecycleRule{construct.ExpireNoncurrentVersions("")}
	bucket := awss3.NewBucket(scope, jsii.String("Source"), props)
	// The bucket's own method would deploy a Lambda to set the property.
	bucket.Node().DefaultChild().(awss3.CfnBucket).SetNotificationConfiguration(&awss3.CfnBucket_NotificationConfigurationProperty{
		EventBridgeConfiguration: &awss3.CfnBucket_EventBridgeConfigurationProperty{EventBridgeEnabled: jsii.Bool(true)},
	})
	return bucket.BucketName()
}
