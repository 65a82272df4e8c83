package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewDeadLetterQueue creates the queue for events that should have started a run,
// or mailed its end, and could not: those of the named rules, and of schedules. SQS
// keeps them for two weeks, its longest.
func NewDeadLetterQueue(scope constructs.Construct, names *Names, rules ...*string) awssqs.Queue {
	var arns []*string
	for _, rule := range rules {
		arns = append(arns, names.ARN("events", "rule/"+*rule))
	}
	queue := awssqs.NewQueue(scope, jsii.String("Undelivered"), &awssqs.QueueProps{
		QueueName:       names.Prefixed("undelivered"),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
		RemovalPolicy:   awscdk.RemovalPolicy_DESTROY,
	})
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("RulesUndelivered"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  &[]*string{queue.QueueArn()},
		Conditions: &map[string]any{"ArnEquals": map[string]any{
			"aws:SourceArn": arns,
		}},
	}))
	return queue
}
