package fetchfiles

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/construct"
)

// connectorRule is the rule that hands the connector's events on.
const connectorRule = "connector"

// recorded matches the events of which there is no other way to learn. What became of each
// file that was fetched, Transfer Family can be asked
// (https://docs.aws.amazon.com/transfer/latest/userguide/event-detail-sftp-connector-events.html).
func recorded() []any {
	var types []any
	for _, what := range []string{"Directory Listing", "Remote Move", "Remote Delete"} {
		types = append(types, map[string]any{"prefix": "SFTP Connector " + what + " "})
	}
	return types
}

// newConnectorRule hands what the connector tells of listings, moves and deletions to a
// function. Such events are delivered at least once
// (https://docs.aws.amazon.com/transfer/latest/userguide/eventbridge.html).
func newConnectorRule(scope constructs.Construct, names *construct.Names, connector *connector, function *construct.Function, deadLetters awssqs.Queue) {
	scope = constructs.NewConstruct(scope, jsii.String("Events"))
	rule := awsevents.NewCfnRule(scope, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Name:        names.Prefixed(connectorRule),
		Description: jsii.String("Records what the connector tells of listings, moves and deletions"),
		EventPattern: map[string]any{
			"source":      []string{"aws.transfer"},
			"detail-type": recorded(),
			"detail":      map[string]any{"connector-id": []*string{connector.id}},
		},
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id:               jsii.String("function"),
			Arn:              function.AttrArn(),
			DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: deadLetters.QueueArn()},
		}},
	})
	awslambda.NewCfnPermission(scope, jsii.String("Permission"), &awslambda.CfnPermissionProps{
		Action:       jsii.String("lambda:InvokeFunction"),
		FunctionName: function.AttrArn(),
		Principal:    jsii.String("events.amazonaws.com"),
		SourceArn:    rule.AttrArn(),
	})
}
