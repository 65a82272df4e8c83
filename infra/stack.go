package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewSyncUsersStack puts together everything of one installation. code holds
// each function's folder, as findCode gives it.
//
// Nothing in it needs a custom resource: what is deployed is what stands in
// the template, and no function but ours ever runs in the account.
func NewSyncUsersStack(scope constructs.Construct, settings *Settings, code map[string]string) awscdk.Stack {
	stack := awscdk.NewStack(scope, &settings.StackName, &awscdk.StackProps{
		StackName:   &settings.StackName,
		Description: jsii.String("sync-users: carries IAM group membership over to SFTPGo"),
	})

	names := namesOf(stack, settings)
	managed := NewManagedBucket(stack, settings)
	runs := NewRunsBucket(stack, names)
	topic := NewTopic(stack, settings, names)
	functions := NewFunctions(stack, settings, names, code)
	machine := NewStateMachine(stack, settings, names, functions)
	NewTrigger(stack, settings, names, machine)

	for name, value := range map[string]*string{
		"StateMachineArn":   machine.Ref(),
		"RunsBucketName":    runs.BucketName(),
		"ManagedBucketName": managed,
		"TopicArn":          topic.TopicArn(),
	} {
		awscdk.NewCfnOutput(stack, &name, &awscdk.CfnOutputProps{Value: value})
	}
	return stack
}
