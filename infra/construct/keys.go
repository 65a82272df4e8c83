package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// keyActions are what reading and writing under a customer's key needs.
var keyActions = []string{"kms:Decrypt", "kms:GenerateDataKey"}

// BucketsKeyPermissions let a role read and write objects of the buckets created
// here if these are under a customer's key.
func BucketsKeyPermissions(settings *settings.Common, names *Names) []Permission {
	if settings.BucketsKey == "" {
		return nil
	}
	return []Permission{{
		Actions:   keyActions,
		Resources: []*string{&settings.BucketsKey},
		Conditions: map[string]any{"StringEquals": map[string]any{
			"kms:ViaService": "s3." + *names.Stack.Region() + ".amazonaws.com",
		}},
	}}
}

// BucketsKeyReadPermissions let a role read such objects, and not write any.
func BucketsKeyReadPermissions(settings *settings.Common, names *Names) []Permission {
	permissions := BucketsKeyPermissions(settings, names)
	for i := range permissions {
		permissions[i].Actions = []string{"kms:Decrypt"}
	}
	return permissions
}

// TopicKeyPermissions let a role publish to the topic, whose messages are
// encrypted as they arrive.
func TopicKeyPermissions(key awskms.IKey, names *Names) Permission {
	return Permission{
		Actions:    keyActions,
		Resources:  []*string{key.KeyArn()},
		Conditions: map[string]any{"StringEquals": topicEncryptionContext(names)},
	}
}

// topicEncryptionContext is the condition that SNS encrypts for this topic.
func topicEncryptionContext(names *Names) map[string]any {
	return map[string]any{"kms:EncryptionContext:aws:sns:topicArn": names.TopicARN()}
}

// NewTopicKey returns the key that the topic is encrypted with: the customer's, or
// one that it creates because alarms can't publish under AWS's own key.
func NewTopicKey(scope constructs.Construct, settings *settings.Common, names *Names) awskms.IKey {
	if settings.TopicKey != "" {
		return awskms.Key_FromKeyArn(scope, jsii.String("TopicKey"), &settings.TopicKey)
	}
	key := awskms.NewKey(scope, jsii.String("TopicKey"), &awskms.KeyProps{
		Description:       jsii.String(names.Prefix + ": messages on the topic of failures and alarms"),
		EnableKeyRotation: jsii.Bool(true),
		PendingWindow:     awscdk.Duration_Days(jsii.Number(7)),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
	ofAccount := topicEncryptionContext(names)
	ofAccount["aws:SourceAccount"] = names.Stack.Account()
	for _, publisher := range []struct {
		sid, service string
		conditions   map[string]any
	}{
		{"AlarmsPublish", "cloudwatch.amazonaws.com", ofAccount},
		// EventBridge's requests to the key of a topic have no aws:SourceAccount
		// (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html).
		{"RulePublishes", "events.amazonaws.com", topicEncryptionContext(names)},
	} {
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        &publisher.sid,
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(&publisher.service, nil)},
			Actions:    jsii.Strings(keyActions...),
			// In a key's policy, `*` is the key.
			Resources:  &AnyResource,
			Conditions: &map[string]any{"StringEquals": publisher.conditions},
		}), nil)
	}
	return key
}
