package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/statemachine"
)

// NewStateMachine makes the workflow and the role it runs under.
func NewStateMachine(scope constructs.Construct, settings *Settings, names *names, functions *Functions) awsstepfunctions.CfnStateMachine {
	scope = constructs.NewConstruct(scope, jsii.String("Workflow"))
	role := NewRole(scope, "Role", "states.amazonaws.com", []permission{
		{Actions: []string{"lambda:InvokeFunction"}, Resources: []*string{
			functions.DiscoverUsers.FunctionArn(),
			functions.SyncUser.FunctionArn(),
			functions.SummarizeRun.FunctionArn(),
		}},
		// The Map starts this state machine's own executions as its children,
		// and watches them.
		{Actions: []string{"states:StartExecution"}, Resources: []*string{names.stateMachine()}},
		{Actions: []string{"states:DescribeExecution", "states:StopExecution"}, Resources: []*string{names.children()}},
		{Actions: []string{"s3:GetObject"}, Resources: []*string{names.runsObjects("runs/*/users.json")}},
		// The Map writes its results in parts, as large as they come.
		{Actions: []string{
			"s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload",
		}, Resources: []*string{names.runsObjects("runs/*/results/*")}},
		{Actions: []string{"s3:DeleteObject"}, Resources: []*string{names.object(settings.ManagedBucket, triggerKey)}},
		{Actions: []string{"sns:Publish"}, Resources: []*string{names.topic()}},
	})
	return awsstepfunctions.NewCfnStateMachine(scope, jsii.String("StateMachine"), &awsstepfunctions.CfnStateMachineProps{
		StateMachineName: &settings.StackName,
		RoleArn:          role.RoleArn(),
		DefinitionString: &statemachine.Definition,
		DefinitionSubstitutions: map[string]*string{
			"DiscoverUsersFunctionArn": functions.DiscoverUsers.FunctionArn(),
			"SyncUserFunctionArn":      functions.SyncUser.FunctionArn(),
			"SummarizeRunFunctionArn":  functions.SummarizeRun.FunctionArn(),
			"RunsBucketName":           names.runsBucket,
			"TopicArn":                 names.topic(),
		},
	})
}
