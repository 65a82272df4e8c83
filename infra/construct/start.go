package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// For an hour the start of a run is tried again, by a rule or the schedule.
const startRetrySeconds, startRetries = 3600, 60

// StartRuleProps is what differs from rule to rule that starts runs.
type StartRuleProps struct {
	// Name is without the installation's prefix.
	Name, Description string
	EventPattern      map[string]any
	// Disabled creates the rule without starting runs.
	Disabled bool
}

// NewStartRule starts a run for each event that the pattern matches, with the whole
// event as its input.
func NewStartRule(scope constructs.Construct, id string, names *Names, workflow *Workflow, deadLetters awssqs.Queue, props *StartRuleProps) {
	scope = constructs.NewConstruct(scope, &id)
	role := NewRole(scope, "Role", &RoleProps{
		Service:     "events.amazonaws.com",
		Permissions: []Permission{startExecutionPermission(workflow)},
	})
	var state *string // ENABLED
	if props.Disabled {
		state = jsii.String("DISABLED")
	}
	awsevents.NewCfnRule(scope, jsii.String("Rule"), &awsevents.CfnRuleProps{
		State:        state,
		Name:         names.Prefixed(props.Name),
		Description:  &props.Description,
		EventPattern: props.EventPattern,
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id:               jsii.String("workflow"),
			Arn:              workflow.Ref(),
			RoleArn:          role.RoleArn(),
			DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: deadLetters.QueueArn()},
			// EventBridge would try for a day, and the alarm on the queue come after it
			// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html).
			RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(startRetrySeconds),
				MaximumRetryAttempts:     jsii.Number(startRetries),
			},
		}},
	})
}

// startExecutionPermission lets a role start a run.
func startExecutionPermission(workflow *Workflow) Permission {
	return Permission{Actions: []string{"states:StartExecution"}, Resources: []*string{workflow.Ref()}}
}
