package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// useKey is what it takes to read and write under a customer's key.
var useKey = []string{"kms:Decrypt", "kms:GenerateDataKey"}

// bucketsKeyPermissions let a role read and write objects of our buckets where
// these are under a customer's key.
func bucketsKeyPermissions(settings *Settings, names *names) []permission {
	if settings.Keys.Buckets == "" {
		return nil
	}
	return []permission{{
		Actions:   useKey,
		Resources: []*string{&settings.Keys.Buckets},
		Conditions: map[string]any{"StringEquals": map[string]any{
			"kms:ViaService": "s3." + *names.stack.Region() + ".amazonaws.com",
		}},
	}}
}

// bucketsKeyReadPermissions let a role read such objects, and not write any.
func bucketsKeyReadPermissions(settings *Settings, names *names) []permission {
	permissions := bucketsKeyPermissions(settings, names)
	for i := range permissions {
		permissions[i].Actions = []string{"kms:Decrypt"}
	}
	return permissions
}

// parametersKeyPermissions let sync-user decrypt the parameters it reads, and
// nothing else that is under the same customer's key.
func parametersKeyPermissions(settings *Settings, names *names) []permission {
	if settings.Keys.Parameters == "" {
		return nil
	}
	return []permission{{
		Actions:   []string{"kms:Decrypt"},
		Resources: []*string{&settings.Keys.Parameters},
		Conditions: map[string]any{"StringLike": map[string]any{
			"kms:EncryptionContext:PARAMETER_ARN": names.parameters(settings),
		}},
	}}
}

// topicKeyPermissions let a role publish to the topic, whose messages are
// encrypted as they arrive.
func topicKeyPermissions(key awskms.IKey, names *names) permission {
	return permission{
		Actions:    useKey,
		Resources:  []*string{key.KeyArn()},
		Conditions: map[string]any{"StringEquals": topicContext(names)},
	}
}

// topicContext is how SNS says which topic it encrypts for.
func topicContext(names *names) map[string]any {
	return map[string]any{"kms:EncryptionContext:aws:sns:topicArn": names.topic()}
}

// NewTopicKey gives the key that the topic is encrypted with: the customer's,
// or one that is made here because AWS's own key lets no alarm publish.
func NewTopicKey(scope constructs.Construct, settings *Settings, names *names) awskms.IKey {
	if settings.Keys.Topic != "" {
		return awskms.Key_FromKeyArn(scope, jsii.String("TopicKey"), &settings.Keys.Topic)
	}
	key := awskms.NewKey(scope, jsii.String("TopicKey"), &awskms.KeyProps{
		Description:       jsii.String(settings.StackName + ": messages on the topic of failures and alarms"),
		EnableKeyRotation: jsii.Bool(true),
		PendingWindow:     awscdk.Duration_Days(jsii.Number(7)),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
	conditions := topicContext(names)
	conditions["aws:SourceAccount"] = names.stack.Account()
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("AlarmsPublish"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings(useKey...),
		// In a key's policy, `*` is the key.
		Resources:  &everything,
		Conditions: &map[string]any{"StringEquals": conditions},
	}), nil)
	return key
}
