package syncusers

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/construct"
)

// changesInput is the input of a run for those who changed.
const changesInput = `{"changedOnly":true}`

// changesPrefix begins the names of the runs that the schedule of changes starts, by which
// `sync-users status` leaves out those that found nothing.
const changesPrefix = "changes-"

// lossesOutputs has the deploy say how many people may lose access, unless that is the default.
func lossesOutputs(settings *Settings) []construct.Output {
	if settings.MaxLosses == "" {
		return nil
	}
	return []construct.Output{{Name: "MaxLosses", Description: "How many people a run may take access from", Value: &settings.MaxLosses}}
}

// keyChangesRule is the name of the rule in all installations.
const keyChangesRule = "key-changes"

// newKeyChanges creates the queue of changed keys, from which runs learn whose keys
// changed; nil unless runs for those who changed are scheduled, and accounts have keys.
func newKeyChanges(scope constructs.Construct, settings *Settings, names *construct.Names) awssqs.Queue {
	if settings.ChangesEvery == "" || settings.Transfer() {
		return nil
	}
	queue := awssqs.NewQueue(scope, jsii.String("KeyChanges"), &awssqs.QueueProps{
		QueueName:  names.Prefixed(keyChangesRule),
		Encryption: awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL: jsii.Bool(true),
		// Longer than discover-users may take, which deletes what it received.
		VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(6)),
		RetentionPeriod:   awscdk.Duration_Days(jsii.Number(4)),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("RuleSends"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  &[]*string{queue.QueueArn()},
		Conditions: &map[string]any{"ArnEquals": map[string]any{
			"aws:SourceArn": names.ARN("events", "rule/"+*names.Prefixed(keyChangesRule)),
		}},
	}))
	return queue
}

// newKeyChangesRule sends Parameter Store's events about the keys of users to the queue
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html).
func newKeyChangesRule(scope constructs.Construct, settings *Settings, names *construct.Names, queue, deadLetters awssqs.Queue) {
	if queue == nil {
		return
	}
	awsevents.NewCfnRule(scope, jsii.String("KeyChangesRule"), &awsevents.CfnRuleProps{
		Name:        names.Prefixed(keyChangesRule),
		Description: jsii.String("Notes whose keys changed in Parameter Store"),
		EventPattern: map[string]any{
			"source":      []string{"aws.ssm"},
			"detail-type": []string{"Parameter Store Change"},
			"detail": map[string]any{
				"operation": []string{"Create", "Update"},
				"name":      []any{map[string]any{"prefix": settings.AccessKeyPrefix}, map[string]any{"prefix": settings.SecretKeyPrefix}},
			},
		},
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id:               jsii.String("queue"),
			Arn:              queue.QueueArn(),
			DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: deadLetters.QueueArn()},
		}},
	})
}

// keyChangesPermissions let a role receive changed keys.
func keyChangesPermissions(queue awssqs.Queue) []construct.Permission {
	if queue == nil {
		return nil
	}
	return []construct.Permission{{Actions: []string{"sqs:ReceiveMessage", "sqs:DeleteMessage"}, Resources: []*string{queue.QueueArn()}}}
}
