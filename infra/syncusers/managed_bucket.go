package syncusers

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/construct"
)

// newManagedBucket returns the managed bucket's name. It creates the bucket only if
// the settings say so; usually the bucket exists already, and nothing in the
// CloudFormation stack changes it.
func newManagedBucket(scope constructs.Construct, settings *Settings) *string {
	if !settings.CreateManagedBucket {
		return &settings.ManagedBucket
	}
	props := construct.BucketProps(scope, "ManagedKey", &settings.Common)
	props.BucketName = &settings.ManagedBucket
	// The reports in it outlive the installation.
	props.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	props.LifecycleRules = &[]*awss3.LifecycleRule{construct.ExpireNoncurrentVersions(triggerKey)}
	bucket := awss3.NewBucket(scope, jsii.String("Managed"), props)
	// The bucket's own method would deploy a Lambda to set the property.
	bucket.Node().DefaultChild().(awss3.CfnBucket).SetNotificationConfiguration(&awss3.CfnBucket_NotificationConfigurationProperty{
		EventBridgeConfiguration: &awss3.CfnBucket_EventBridgeConfigurationProperty{EventBridgeEnabled: jsii.Bool(true)},
	})
	return bucket.BucketName()
}
