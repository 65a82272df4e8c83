package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// notPublished is the error of a run whose own mail could not be published.
const notPublished = "NotPublished"

const endingsRule = "endings"

// NewEndings mails each run whose end the workflow could not mail itself,
// because it was no longer there: timed out, aborted, or failed outside of
// every catch. It is a rule on the one event that each end gives, and not an
// alarm on a metric, so that the mail names the run, there is one mail a run,
// and no second one for a failure that has been mailed already.
func NewEndings(scope constructs.Construct, names *names, workflow *Workflow, topic awssns.Topic, key awskms.IKey, undelivered awssqs.Queue) {
	scope = constructs.NewConstruct(scope, jsii.String("Endings"))
	role := NewRole(scope, "Role", &RoleProps{
		Service: "events.amazonaws.com",
		Permissions: []permission{
			{Actions: []string{"sns:Publish"}, Resources: []*string{topic.TopicArn()}},
			topicKeyPermissions(key, names),
		},
	})
	awsevents.NewCfnRule(scope, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Name:         names.of(endingsRule),
		Description:  jsii.String("Mails the runs that timed out, were aborted, or failed without a mail of their own"),
		EventPattern: endingsPattern(workflow.Ref()),
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id:               jsii.String("topic"),
			Arn:              topic.TopicArn(),
			RoleArn:          role.RoleArn(),
			InputTransformer: endingsMail(names),
			DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: undelivered.QueueArn()},
		}},
	})
}

func endingsPattern(machine *string) map[string]any {
	return map[string]any{
		"source":      []string{"aws.states"},
		"detail-type": []string{"Step Functions Execution Status Change"},
		"detail": map[string]any{
			// The Map's children have another ARN, with the Map's name behind it.
			"stateMachineArn": []*string{machine},
			"$or": []any{
				map[string]any{"status": []string{"TIMED_OUT", "ABORTED"}},
				// What the workflow mails it ends under a name that is none of Step
				// Functions' own, which a Fail state must not use.
				map[string]any{"status": []string{"FAILED"}, "error": []any{map[string]any{"prefix": "States."}, notPublished}},
				map[string]any{"status": []string{"FAILED"}, "error": []any{map[string]any{"exists": false}}},
			},
		},
	}
}

func endingsMail(names *names) *awsevents.CfnRule_InputTransformerProperty {
	return &awsevents.CfnRule_InputTransformerProperty{
		InputPathsMap: map[string]string{
			"run":       "$.detail.name",
			"status":    "$.detail.status",
			"execution": "$.detail.executionArn",
		},
		// One line: each line of a template would be a string of its own.
		InputTemplate: jsii.String(`"The run <run> ended as <status>, and could not say why itself. ` +
			`TRIGGER, if one started it, is still in place, and so is what the run did until then. ` +
			`Look at its last states, then start another: ` + *consoleURL(names, "states/home#/v2/executions/details/<execution>") + `"`),
	}
}
