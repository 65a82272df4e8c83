package construct

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// LockKey is the object of the runs bucket that names the execution that has the
// lock on running.
const LockKey = "turn.json"

// NewRunsBucket creates the bucket of the lock, and of each run's items, results
// and report for as long as the settings say, as for what else belongs to a run under some
// prefixes.
func NewRunsBucket(scope constructs.Construct, settings *settings.Common, names *Names, prefixes ...string) awss3.Bucket {
	props := BucketProps(scope, "RunsKey", settings)
	props.BucketName = &names.RunsBucket
	props.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	props.LifecycleRules = &[]*awss3.LifecycleRule{
		{
			Id:         jsii.String("runs"),
			Prefix:     jsii.String("runs/"),
			Expiration: awscdk.Duration_Days(jsii.Number(settings.RunsRetentionDays)),
		},
		{
			// For as long as the runs that made the changes.
			Id:         jsii.String("changes"),
			Prefix:     jsii.String("changes/"),
			Expiration: awscdk.Duration_Days(jsii.Number(settings.RunsRetentionDays)),
		},
		// Every run writes the lock again.
		ExpireNoncurrentVersions(""),
	}
	for _, prefix := range prefixes {
		*props.LifecycleRules = append(*props.LifecycleRules, &awss3.LifecycleRule{
			Id:         jsii.String(strings.TrimSuffix(prefix, "/")),
			Prefix:     &prefix,
			Expiration: awscdk.Duration_Days(jsii.Number(settings.RunsRetentionDays)),
		})
	}
	return awss3.NewBucket(scope, jsii.String("Runs"), props)
}

// ExpireNoncurrentVersions returns a rule that deletes what was replaced or deleted
// after 30 days, of the objects whose keys begin with the prefix.
func ExpireNoncurrentVersions(prefix string) *awss3.LifecycleRule {
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

// BucketProps returns what every bucket has that is created here: private,
// encrypted, versioned, and reached by TLS alone.
func BucketProps(scope constructs.Construct, keyID string, settings *settings.Common) *awss3.BucketProps {
	props := &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		EnforceSSL:        jsii.Bool(true),
		Versioned:         jsii.Bool(true),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
	}
	if settings.BucketsKey != "" {
		props.Encryption = awss3.BucketEncryption_KMS
		props.EncryptionKey = awskms.Key_FromKeyArn(scope, &keyID, &settings.BucketsKey)
		props.BucketKeyEnabled = jsii.Bool(true)
	}
	return props
}

// NewEventBucket creates a bucket of that name, which tells EventBridge of its objects. It
// and its objects outlive the installation; what was replaced or deleted under the prefix
// expires.
func NewEventBucket(scope constructs.Construct, id, name string, settings *settings.Common, prefix string) awss3.Bucket {
	props := BucketProps(scope, id+"Key", settings)
	props.BucketName = &name
	props.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	props.LifecycleRules = &[]*awss3.LifecycleRule{ExpireNoncurrentVersions(prefix)}
	bucket := awss3.NewBucket(scope, &id, props)
	// The bucket's own method would deploy a Lambda to set the property.
	bucket.Node().DefaultChild().(awss3.CfnBucket).SetNotificationConfiguration(&awss3.CfnBucket_NotificationConfigurationProperty{
		EventBridgeConfiguration: &awss3.CfnBucket_EventBridgeConfigurationProperty{EventBridgeEnabled: jsii.Bool(true)},
	})
	return bucket
}
