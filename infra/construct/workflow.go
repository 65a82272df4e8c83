package construct

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// Workflow is the state machine with its log group.
type Workflow struct {
	awsstepfunctions.CfnStateMachine
	// Log is the name of its log group.
	Log string
}

// WorkflowProps is what differs from workflow to workflow.
type WorkflowProps struct {
	// Definition is in the Amazon States Language, with names in ${…} for which
	// Substitutions stand.
	Definition    string
	Substitutions map[string]*string
	// Functions are those that it invokes.
	Functions []*Function
	// Permissions are those besides what every workflow needs: to invoke its
	// functions, to have a Map start executions, to publish to the topic, and to log.
	Permissions []Permission
}

// NewWorkflow creates the state machine, named like the CloudFormation stack, and
// its role.
func NewWorkflow(scope constructs.Construct, settings *settings.Common, names *Names, topicKey awskms.IKey, props *WorkflowProps) *Workflow {
	scope = constructs.NewConstruct(scope, jsii.String("Workflow"))
	// Under this prefix the log needs no space in the account's resource policy
	// (https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html).
	name := "/aws/vendedlogs/states/" + names.Prefix
	log := NewLogGroup(scope, name, settings)

	var arns []*string
	for _, function := range props.Functions {
		arns = append(arns, function.AttrArn())
	}
	permissions := slices.Concat([]Permission{
		{Actions: []string{"lambda:InvokeFunction"}, Resources: arns},
		// The Map's children are executions of this same state machine. The guide
		// names them as runs are named, and their own ARNs have the Map's name too
		// (https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html).
		{Actions: []string{"states:StartExecution"}, Resources: []*string{names.StateMachineARN()}},
		{Actions: []string{"states:DescribeExecution", "states:StopExecution"}, Resources: []*string{
			names.ExecutionARNs(), names.ChildExecutionARNs(),
		}},
	}, props.Permissions, []Permission{
		{Actions: []string{"sns:Publish"}, Resources: []*string{names.TopicARN()}},
		TopicKeyPermissions(topicKey, names),
		// Log deliveries know no resource
		// (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html).
		{Actions: []string{
			"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
			"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
		}, Resources: AnyResource},
	}, BucketsKeyPermissions(settings, names))
	if settings.Tracing {
		permissions = append(permissions, TracingPermission("xray:PutTraceSegments", "xray:PutTelemetryRecords",
			"xray:GetSamplingRules", "xray:GetSamplingTargets"))
	}
	role := NewRole(scope, "Role", &RoleProps{Service: "states.amazonaws.com", Permissions: permissions})

	machine := awsstepfunctions.NewCfnStateMachine(scope, jsii.String("StateMachine"), &awsstepfunctions.CfnStateMachineProps{
		StateMachineName:        &names.Prefix,
		RoleArn:                 role.RoleArn(),
		DefinitionString:        &props.Definition,
		DefinitionSubstitutions: props.Substitutions,
		// Errors alone: the execution's history has the rest, and no data of users is
		// copied to a second place.
		LoggingConfiguration: &awsstepfunctions.CfnStateMachine_LoggingConfigurationProperty{
			Level:                jsii.String("ERROR"),
			IncludeExecutionData: jsii.Bool(false),
			Destinations: []any{&awsstepfunctions.CfnStateMachine_LogDestinationProperty{
				CloudWatchLogsLogGroup: &awsstepfunctions.CfnStateMachine_CloudWatchLogsLogGroupProperty{
					LogGroupArn: log.AttrArn(),
				},
			}},
		},
		TracingConfiguration: &awsstepfunctions.CfnStateMachine_TracingConfigurationProperty{
			Enabled: &settings.Tracing,
		},
	})
	return &Workflow{CfnStateMachine: machine, Log: name}
}
