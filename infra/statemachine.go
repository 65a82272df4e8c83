package main

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/statemachine"
)

// Workflow is the state machine with what belongs to it.
type Workflow struct {
	awsstepfunctions.CfnStateMachine
	// Log is the name of its log group.
	Log string
}

// NewWorkflow makes the state machine and the role it runs under.
func NewWorkflow(scope constructs.Construct, settings *Settings, names *names, functions *Functions, topicKey awskms.IKey) *Workflow {
	scope = constructs.NewConstruct(scope, jsii.String("Workflow"))
	// Under this prefix the log needs no room in the account's resource policy
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
		{Actions: []string{"states:StartExecution"}, Resources: []*string{names.stateMachine()}},
		{Actions: []string{"states:DescribeExecution", "states:StopExecution"}, Resources: []*string{
			names.executions(), names.children(),
		}},
		{Actions: []string{"s3:GetObject"}, Resources: names.runsObjects("runs/*/users.json")},
		// What the Map's ResultWriter needs, by the same guide, to write results of
		// any size in parts.
		{Actions: []string{
			"s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload",
		}, Resources: names.runsObjects("runs/*/results/*")},
		{Actions: []string{"s3:DeleteObject"}, Resources: []*string{names.object(settings.ManagedBucket, triggerKey)}},
		{Actions: []string{"sns:Publish"}, Resources: []*string{names.topic()}},
		topicKeyPermissions(topicKey, names),
		// Deliveries of logs have no resource to name
		// (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html).
		{Actions: []string{
			"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
			"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
		}, Resources: everything},
	}, bucketsKeyPermissions(settings, names))
	if settings.Tracing {
		permissions = append(permissions, tracing("xray:PutTraceSegments", "xray:PutTelemetryRecords",
			"xray:GetSamplingRules", "xray:GetSamplingTargets"))
	}
	role := NewRole(scope, "Role", &RoleProps{Service: "states.amazonaws.com", Permissions: permissions})

	machine := awsstepfunctions.NewCfnStateMachine(scope, jsii.String("StateMachine"), &awsstepfunctions.CfnStateMachineProps{
		StateMachineName: &settings.StackName,
		RoleArn:          role.RoleArn(),
		DefinitionString: &statemachine.Definition,
		DefinitionSubstitutions: map[string]*string{
			"DiscoverUsersFunctionArn": functions.DiscoverUsers.AttrArn(),
			"SyncUserFunctionArn":      functions.SyncUser.AttrArn(),
			"SummarizeRunFunctionArn":  functions.SummarizeRun.AttrArn(),
			"RunsBucketName":           &names.runsBucket,
			"TopicArn":                 names.topic(),
		},
		// Errors alone: an execution's own history holds the rest, and no data of
		// people is copied to a second place.
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
