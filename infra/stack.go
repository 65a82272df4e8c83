package main

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// NewSyncUsersStack defines everything of one installation, in a CloudFormation
// stack. code has each function's folder, as findCode returns it.
//
// Nothing in it needs a custom resource: what is deployed is what is in the
// template, and no other functions run in the account.
func NewSyncUsersStack(scope constructs.Construct, settings *settings.SyncUsers, code map[string]string) awscdk.Stack {
	stack := awscdk.NewStack(scope, &settings.StackName, &awscdk.StackProps{
		StackName:   &settings.StackName,
		Description: jsii.String("sync-users: carries IAM group membership over to SFTPGo"),
	})
	names := newNames(stack, settings)
	managed := NewManagedBucket(stack, settings)
	runs := NewRunsBucket(stack, settings, names)
	topicKey := NewTopicKey(stack, settings, names)
	topic := NewTopic(stack, settings, names, topicKey)
	functions := NewFunctions(stack, settings, names, code)
	workflow := NewWorkflow(stack, settings, names, functions, topicKey)

	deadLetters := NewDeadLetterQueue(stack, names)
	NewTrigger(stack, settings, names, workflow, deadLetters)
	NewSchedule(stack, settings, names, workflow, deadLetters)

	NewStatusRule(stack, names, workflow, topic, topicKey, deadLetters)
	NewAlarms(stack, names, topic, listAlarms(settings, names, functions, workflow, deadLetters))
	NewQueries(stack, names, functions)
	NewDashboard(stack, names, functions, workflow)

	newOutputs(stack, slices.Concat([]output{
		{"StateMachineArn", "The workflow; start it with {} for everybody", workflow.Ref()},
		{"ManagedBucketName", "Upload " + triggerKey + " here to start a run", managed},
		{"RunsBucketName", "Each run's report is here, under runs/", runs.BucketName()},
		{"TopicArn", "Failures and alarms are published here", topic.TopicArn()},
		{"DashboardUrl", "How the runs are", names.consoleURL("cloudwatch/home#dashboards/dashboard/" + *names.dashboard())},
	}, eventBridgeOutputs(settings)))
	return stack
}
