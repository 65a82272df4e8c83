package construct

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NotPublished is the error of a run whose own mail could not be published.
const NotPublished = "NotPublished"

// StatusRule returns the name of NewStatusRule's rule.
func (n *Names) StatusRule() *string { return n.Prefixed("endings") }

// NewStatusRule mails each run whose end the workflow could not mail itself: timed
// out, aborted, or failed outside of every catch. It is a rule on the status change
// of an execution, and not an alarm on a metric, so that the mail names the run, and
// that there is one mail a run and none for a failure that the workflow has mailed. The
// remedy, one line of JSON text, ends before the address of the run in the console.
//
// It may publish in two ways, of which EventBridge takes one: by a role, and by the
// policies of the topic and its key. Versions of one page of AWS say that a topic is
// published to by its policy alone, and that a role does as well
// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html),
// and another one that EventBridge meets no condition in a topic's policy
// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html).
// docs/first-day.md tries it.
func NewStatusRule(scope constructs.Construct, names *Names, workflow *Workflow, topic awssns.Topic, key awskms.IKey, deadLetters awssqs.Queue, remedy string) {
	scope = constructs.NewConstruct(scope, jsii.String("Endings"))
	role := NewRole(scope, "Role", &RoleProps{
		Service: "events.amazonaws.com",
		Permissions: []Permission{
			{Actions: []string{"sns:Publish"}, Resources: []*string{topic.TopicArn()}},
			TopicKeyPermissions(key, names),
		},
	})
	awsevents.NewCfnRule(scope, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Name:         names.StatusRule(),
		Description:  jsii.String("Mails the runs that timed out, were aborted, or failed without a mail of their own"),
		EventPattern: statusPattern(workflow.Ref()),
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id:               jsii.String("topic"),
			Arn:              topic.TopicArn(),
			RoleArn:          role.RoleArn(),
			InputTransformer: statusMail(names, remedy),
			DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: deadLetters.QueueArn()},
		}},
	})
}

// statusPattern returns the pattern as text, because CloudFormation takes no null in
// a template
// (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1378).
func statusPattern(machine *string) string {
	text, err := json.Marshal(map[string]any{
		"source":      []string{"aws.states"},
		"detail-type": []string{"Step Functions Execution Status Change"},
		"detail": map[string]any{
			// Executions that the Map starts have another ARN, with the Map's label.
			"stateMachineArn": []*string{machine},
			"$or": []any{
				map[string]any{"status": []string{"TIMED_OUT", "ABORTED"}},
				// A run that the workflow has mailed fails with an error that does not
				// begin with States., which a Fail state must not use. One without an
				// error may have null in its place.
				map[string]any{"status": []string{"FAILED"}, "error": []any{map[string]any{"prefix": "States."}, NotPublished, nil}},
				map[string]any{"status": []string{"FAILED"}, "error": []any{map[string]any{"exists": false}}},
			},
		},
	})
	if err != nil {
		panic(err) // It is made of nothing but text.
	}
	return string(text)
}

func statusMail(names *Names, remedy string) *awsevents.CfnRule_InputTransformerProperty {
	return &awsevents.CfnRule_InputTransformerProperty{
		InputPathsMap: map[string]string{
			"run":       "$.detail.name",
			"status":    "$.detail.status",
			"execution": "$.detail.executionArn",
		},
		// It is one line, because each line of a template has to be a JSON string.
		InputTemplate: jsii.String(`"The run <run> ended as <status>, and could not say why itself. ` +
			remedy + `: ` + *names.ConsoleURL("states/home#/v2/executions/details/<execution>") + `"`),
	}
}
