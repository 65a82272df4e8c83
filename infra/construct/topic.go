package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// NewTopic creates the topic that failures and alarms are published to, with a
// subscription for each address. Each has to confirm the mail that AWS sends first.
func NewTopic(scope constructs.Construct, settings *settings.Common, names *Names, key awskms.IKey) awssns.Topic {
	topic := awssns.NewTopic(scope, jsii.String("Topic"), &awssns.TopicProps{
		TopicName:   names.Prefixed("alerts"),
		DisplayName: &names.Prefix,
		MasterKey:   key,
		EnforceSSL:  jsii.Bool(true),
	})
	for _, publisher := range []struct{ sid, service, source string }{
		{"AlarmsPublish", "cloudwatch", "alarm:" + names.Prefix + "-*"},
		// Besides the rule's role: see NewStatusRule.
		{"RulePublishes", "events", "rule/" + *names.StatusRule()},
	} {
		topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        &publisher.sid,
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(publisher.service+".amazonaws.com"), nil)},
			Actions:    jsii.Strings("sns:Publish"),
			Resources:  &[]*string{topic.TopicArn()},
			Conditions: &map[string]any{"ArnLike": map[string]any{
				"aws:SourceArn": names.ARN(publisher.service, publisher.source),
			}},
		}))
	}
	for _, address := range settings.AlertEmails {
		awssns.NewSubscription(scope, jsii.String("Mail to "+address), &awssns.SubscriptionProps{
			Topic:    topic,
			Protocol: awssns.SubscriptionProtocol_EMAIL,
			Endpoint: &address,
		})
	}
	return topic
}
