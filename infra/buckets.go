package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewRunsBucket makes the bucket that holds the turn, and each run's users,
// results and report for as long as the settings say.
func NewRunsBucket(scope constructs.Construct, settings *Settings, names *names) awss3.Bucket {
	props := bucketProps(scope, "RunsKey", settings)
	props.BucketName = &names.runsBucket
	props.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	props.LifecycleRules = &[]*awss3.LifecycleRule{
		{
			Id:         jsii.String("runs"),
			Prefix:     jsii.String("runs/"),
			Expiration: awscdk.Duration_Days(jsii.Number(settings.RunsRetentionDays)),
		},
		// The turn is replaced by every run.
		replaced(""),
	}
	return awss3.NewBucket(scope, jsii.String("Runs"), props)
}

// NewManagedBucket gives the managed bucket's name. The bucket is made only
// where the settings ask for it; usually it is somebody else's, and then
// nothing in the stack touches it.
func NewManagedBucket(scope constructs.Construct, settings *Settings) *string {
	if !settings.CreateManagedBucket {
		return &settings.ManagedBucket
	}
	props := bucketProps(scope, "ManagedKey", settings)
	props.BucketName = &settings.ManagedBucket
	// People's reports outlive the installation.
	props.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	props.LifecycleRules = &[]*awss3.LifecycleRule{replaced(triggerKey)}
	bucket := awss3.NewBucket(scope, jsii.String("Managed"), props)
	// The property itself: CDK's own switch would deploy a Lambda to set it.
	bucket.Node().DefaultChild().(awss3.CfnBucket).SetNotificationConfiguration(&awss3.CfnBucket_NotificationConfigurationProperty{
		EventBridgeConfiguration: &awss3.CfnBucket_EventBridgeConfigurationProperty{EventBridgeEnabled: jsii.Bool(true)},
	})
	return bucket.BucketName()
}

// replaced lets what was replaced or deleted be had back for a month, and no
// longer. It is about the objects whose keys begin so.
func replaced(prefix string) *awss3.LifecycleRule {
	rule := &awss3.LifecycleRule{
		Id:                                  jsii.String("replaced"),
		NoncurrentVersionExpiration:         awscdk.Duration_Days(jsii.Number(30)),
		ExpiredObjectDeleteMarker:           jsii.Bool(true),
		AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
	}
	if prefix != "" {
		rule.Prefix = &prefix
	}
	return rule
}

// bucketProps are those of every bucket made here: private, encrypted, reached
// by TLS alone, and with versions.
func bucketProps(scope constructs.Construct, keyID string, settings *Settings) *awss3.BucketProps {
	props := &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		EnforceSSL:        jsii.Bool(true),
		Versioned:         jsii.Bool(true),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
	}
	if settings.Keys.Buckets != "" {
		props.Encryption = awss3.BucketEncryption_KMS
		props.EncryptionKey = awskms.Key_FromKeyArn(scope, &keyID, &settings.Keys.Buckets)
		props.BucketKeyEnabled = jsii.Bool(true)
	}
	return props
}
