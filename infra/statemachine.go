package main

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
	"github.com/digipres/sync-users/statemachine"
)

// mapLabel is the label of the Map, by which its child executions have ARNs and
// metrics apart from those of runs.
const mapLabel = "users"

// Workflow is the state machine with its log group.
type Workflow struct {
	awsstepfunctions.CfnStateMachine
	// Log is the name of its log group.
	Log string
}

// NewWorkflow creates the state machine and its role.
func NewWorkflow(scope constructs.Construct, settings *settings.SyncUsers, names *names, functions *Functions, topicKey awskms.IKey) *Workflow {
	scope = constructs.NewConstruct(scope, jsii.String("Workflow"))
	// Under this prefix the log needs no space in the account's resource policy
	// (https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html).
	name := "/aws/vendedlogs/states/" + settings.StackName
	log := NewLogGroup(scope, name, settings)

	arns := []*string{
		functions.DiscoverUsers.AttrArn(),
		functions.SyncUser.AttrArn(),
		functions.SummarizeRun.AttrArn(),
	}
	permissions := slices.Concat([]permission{
		{Actions: []string{"lambda:InvokeFunction"}, Resources: arns},
		// The Map's children are executions of this same state machine. The guide
		// names them as runs are named, and their own ARNs have the Map's name too
		// (https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html).
		{Actions: []string{"states:StartExecution"}, Resources: []*string{names.stateMachineARN()}},
		{Actions: []string{"states:DescribeExecution", "states:StopExecution"}, Resources: []*string{
			names.executionARNs(), names.childExecutionARNs(),
		}},
		{Actions: []string{"s3:GetObject"}, Resources: names.runsObjectARNs("runs/*/users.json")},
		// What the Map's ResultWriter needs, by the same guide, to write results of
		// any size in parts.
		{Actions: []string{
			"s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload",
		}, Resources: names.runsObjectARNs("runs/*/results/*")},
		{Actions: []string{"s3:DeleteObject"}, Resources: []*string{names.objectARN(settings.ManagedBucket, triggerKey)}},
		{Actions: []string{"sns:Publish"}, Resources: []*string{names.topicARN()}},
		topicKeyPermissions(topicKey, names),
		// Log deliveries know no resource
		// (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html).
		{Actions: []string{
			"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
			"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
		}, Resources: anyResource},
	}, bucketsKeyPermissions(settings, names))
	if settings.Tracing {
		permissions = append(permissions, tracingPermission("xray:PutTraceSegments", "xray:PutTelemetryRecords",
			"xray:GetSamplingRules", "xray:GetSamplingTargets"))
	}
	role := NewRole(scope, "Role", &RoleProps{Service: "states.amazonaws.com", Permissions: permissions})

	definition := &statemachine.Definition
	if settings.ExpressChildren() {
		definition = jsii.String(statemachine.WithExpressChildren())
	}
	machine := awsstepfunctions.NewCfnStateMachine(scope, jsii.String("StateMachine"), &awsstepfunctions.CfnStateMachineProps{
		StateMachineName: &settings.StackName,
		RoleArn:          role.RoleArn(),
		DefinitionString: definition,
		DefinitionSubstitutions: map[string]*string{
			"DiscoverUsersFunctionArn": functions.DiscoverUsers.AttrArn(),
			"SyncUserFunctionArn":      functions.SyncUser.AttrArn(),
			"SummarizeRunFunctionArn":  functions.SummarizeRun.AttrArn(),
			"RunsBucketName":           &names.runsBucket,
			"TopicArn":                 names.topicARN(),
		},
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
