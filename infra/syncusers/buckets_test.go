package syncusers

import (
	"testing"

	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/stack"
)

// assertSecure asserts that a bucket is private, encrypted, versioned, and reached
// by TLS alone.
func assertSecure(t *testing.T, found *constructtest.Template, name string) {
	t.Helper()
	bucket := found.OfType("AWS::S3::Bucket")[name]
	assert.Equal(t, map[string]any{
		"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
	}, bucket.At("PublicAccessBlockConfiguration"))
	assert.Equal(t, "Enabled", bucket.At("VersioningConfiguration", "Status"))
	assert.Equal(t, []any{map[string]any{"ObjectOwnership": "BucketOwnerEnforced"}}, bucket.At("OwnershipControls", "Rules"))
	assert.Len(t, bucket.At("BucketEncryption", "ServerSideEncryptionConfiguration"), 1)
	policy := found.OfType("AWS::S3::BucketPolicy")[name+"Policy"]
	assert.Equal(t, []any{map[string]any{
		"Effect": "Deny", "Principal": map[string]any{"AWS": "*"}, "Action": "s3:*",
		"Resource":  []any{"${" + name + ".Arn}", "${" + name + ".Arn}/*"},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}}, policy.At("PolicyDocument", "Statement"))
}

func TestRunsBucket(t *testing.T) {
	t.Parallel()
	for _, variant := range []string{"small", "large"} {
		t.Run(variant, func(t *testing.T) {
			t.Parallel()
			assertSecure(t, variants.Template(t, variant), "Runs")
		})
	}
	bucket := variants.Template(t, "large").Only(t, "AWS::S3::Bucket")
	assert.Equal(t, "Delete", bucket.DeletionPolicy)
	assert.Equal(t, []any{
		map[string]any{"Id": "runs", "Prefix": "runs/", "Status": "Enabled", "ExpirationInDays": 365.0},
		map[string]any{"Id": "changes", "Prefix": "changes/", "Status": "Enabled", "ExpirationInDays": 365.0},
		map[string]any{
			"Id": "replaced", "Status": "Enabled", "ExpiredObjectDeleteMarker": true,
			"NoncurrentVersionExpiration":    map[string]any{"NoncurrentDays": 30.0},
			"AbortIncompleteMultipartUpload": map[string]any{"DaysAfterInitiation": 1.0},
		},
	}, bucket.At("LifecycleConfiguration", "Rules"))
	assert.Equal(t, []any{map[string]any{
		"BucketKeyEnabled": true,
		"ServerSideEncryptionByDefault": map[string]any{
			"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000002",
		},
	}}, bucket.At("BucketEncryption", "ServerSideEncryptionConfiguration"))
}

// A bucket that belongs to a stack is handed to the stack's members, whatever
// the installation is called.
func TestRunsBucketBelongsToNoStack(t *testing.T) {
	t.Parallel()
	name := variants.Template(t, "large").Only(t, "AWS::S3::Bucket").At("BucketName").(string)
	assert.Equal(t, "${AWS::AccountId}-sync-users-production-runs-${AWS::Region}", name)
	_, ok := stack.OfBucket("123456789012-digipres-dev1-runs-eu-west-1")
	assert.False(t, ok)
	assert.LessOrEqual(t, len("123456789012--runs-ap-southeast-2")+30, 63, "stackName has 30 characters at most")
}

func TestCreatedManagedBucket(t *testing.T) {
	t.Parallel()
	assertSecure(t, variants.Template(t, "created"), "Managed")
	bucket := variants.Template(t, "created").OfType("AWS::S3::Bucket")["Managed"]
	assert.Equal(t, "digipres-dev1-managed", bucket.At("BucketName"))
	assert.Equal(t, "Retain", bucket.DeletionPolicy)
	assert.Equal(t, map[string]any{
		"EventBridgeConfiguration": map[string]any{"EventBridgeEnabled": true},
	}, bucket.At("NotificationConfiguration"))
	rules := bucket.At("LifecycleConfiguration", "Rules").([]any)
	assert.Len(t, rules, 1, "people's reports stay")
	assert.Equal(t, "sync-users/TRIGGER", rules[0].(map[string]any)["Prefix"])
}

// Nothing that is deployed, updated or destroyed is the imported bucket's or
// its notifications': it is named by a permission and by the rule alone.
func TestImportedManagedBucketIsLeftAlone(t *testing.T) {
	t.Parallel()
	found := variants.Template(t, "small")
	assert.Equal(t, []string{"Runs"}, constructtest.Keys(found.OfType("AWS::S3::Bucket")))
	assert.Equal(t, []string{"RunsPolicy"}, constructtest.Keys(found.OfType("AWS::S3::BucketPolicy")))
	for name, r := range found.Resources {
		if r.Type == "AWS::IAM::Role" || r.Type == "AWS::Events::Rule" || r.Type == "AWS::Lambda::Function" {
			continue
		}
		assert.NotContains(t, constructtest.TextOf(t, r.Properties), "digipres-dev1-managed", name)
	}
}
