package main

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
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
	if settings.PermissionsBoundary != "" {
		awsiam.PermissionsBoundary_Of(stack).Apply(awsiam.ManagedPolicy_FromManagedPolicyArn(
			stack, jsii.String("PermissionsBoundary"), &settings.PermissionsBoundary))
	}
	for name, value := range settings.Tags {
		awscdk.Tags_Of(stack).Add(&name, &value, &awscdk.TagProps{
			// New to CloudFormation, and not known everywhere.
			ExcludeResourceTypes: jsii.Strings("AWS::CloudWatch::Dashboard"),
		})
	}

	names := namesOf(stack, settings)
	managed := NewManagedBucket(stack, settings)
	runs := NewRunsBucket(stack, settings, names)
	topicKey := NewTopicKey(stack, settings, names)
	topic := NewTopic(stack, settings, names, topicKey)
	functions := NewFunctions(stack, settings, names, code)
	workflow := NewWorkflow(stack, settings, names, functions, topicKey)

	undelivered := NewUndelivered(stack, names)
	NewTrigger(stack, settings, names, workflow, undelivered)
	NewSchedule(stack, settings, names, workflow, undelivered)

	NewEndings(stack, names, workflow, topic, topicKey, undelivered)
	NewAlarms(stack, names, topic, alarms(settings, names, functions, workflow, undelivered))
	NewQueries(stack, names, functions)
	NewDashboard(stack, names, functions, workflow)

	newOutputs(stack, slices.Concat([]output{
		{"StateMachineArn", "The workflow; start it with {} for everybody", workflow.Ref()},
		{"ManagedBucketName", "Upload " + triggerKey + " here to start a run", managed},
		{"RunsBucketName", "Each run's report is here, under runs/", runs.BucketName()},
		{"TopicArn", "Failures and alarms are published here", topic.TopicArn()},
		{"DashboardUrl", "How the runs are", consoleURL(names, "cloudwatch/home#dashboards/dashboard/"+settings.StackName)},
	}, eventBridgeSwitch(settings)))
	return stack
}
