package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewRunsBucket makes the bucket that holds each run's users, results and
// report, and the turn.
func NewRunsBucket(scope constructs.Construct, names *names) awss3.Bucket {
	return awss3.NewBucket(scope, jsii.String("Runs"), &awss3.BucketProps{
		BucketName:        names.runsBucket,
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		Versioned:         jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
}

// NewManagedBucket gives the managed bucket's name. The bucket is made only
// where the settings ask for it: usually it is somebody else's already.
func NewManagedBucket(scope constructs.Construct, settings *Settings) *string {
	if !settings.CreateManagedBucket {
		return &settings.ManagedBucket
	}
	bucket := awss3.NewBucket(scope, jsii.String("Managed"), &awss3.BucketProps{
		BucketName:        &settings.ManagedBucket,
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		Versioned:         jsii.Bool(true),
		// People's reports outlive the installation.
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
	// The property, because CDK's own switch would deploy a Lambda to set it.
	bucket.Node().DefaultChild().(awss3.CfnBucket).AddPropertyOverride(
		jsii.String("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"), true)
	return bucket.BucketName()
}
