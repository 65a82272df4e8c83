// Package syncusers is sync-users for the CDK: its settings and its stack.
package syncusers

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/construct"
)

// NewStack defines everything of one installation, in a CloudFormation stack. code
// has each function's folder, as construct.FindCode returns it.
//
// Nothing in it needs a custom resource: what is deployed is what is in the
// template, and no other functions run in the account.
func (s *Settings) NewStack(scope constructs.Construct, code map[string]string) awscdk.Stack {
	stack := awscdk.NewStack(scope, &s.StackName, &awscdk.StackProps{
		StackName:   &s.StackName,
		Description: jsii.String("sync-users: carries IAM group membership over to " + s.server().name),
	})
	names := construct.NewNames(stack)
	managed := newManagedBucket(stack, s)
	runs := construct.NewRunsBucket(stack, &s.Common, names)
	topicKey := construct.NewTopicKey(stack, &s.Common, names)
	topic := construct.NewTopic(stack, &s.Common, names, topicKey)
	roles, createdRole := transferRoles(stack, s, names)
	keyChanges := newKeyChanges(stack, s, names)
	functions := newFunctions(stack, s, names, code, roles, keyChanges)
	workflow := construct.NewWorkflow(stack, &s.Common, names, topicKey, s.workflow(names, functions))

	rules := []*string{names.Prefixed(triggerRule), names.StatusRule()}
	if keyChanges != nil {
		rules = append(rules, names.Prefixed(keyChangesRule))
	}
	deadLetters := construct.NewDeadLetterQueue(stack, names, rules...)
	construct.NewStartRule(stack, "Trigger", names, workflow, deadLetters, s.trigger())
	construct.NewSchedule(stack, &s.Scheduled, names, workflow, deadLetters, "Starts a run for everybody", "{}")
	construct.NewChangesSchedule(stack, names, workflow, deadLetters, &construct.ChangesProps{
		Rate: s.ChangesEvery, Enabled: s.ScheduleEnabled, Description: "Starts a run for those who changed", NamePrefix: changesPrefix, Input: changesInput,
	})
	newKeyChangesRule(stack, s, names, keyChanges, deadLetters)

	construct.NewStatusRule(stack, names, workflow, topic, topicKey, deadLetters,
		"TRIGGER, if one started it, is still in place, and so is what the run did until then. Look at its last states, then start another")
	construct.NewAlarms(stack, names, topic, listAlarms(s, names, functions, workflow, deadLetters))
	construct.NewQueries(stack, names, functions.logs(), queries)
	construct.NewDashboard(stack, names, graphs(s.server(), names, functions, workflow), "Latest failures", latestFailures.Text, functions.logs())

	construct.NewOutputs(stack, slices.Concat([]construct.Output{
		{Name: "StateMachineArn", Description: "The workflow; start it with {} for everybody", Value: workflow.Ref()},
		{Name: "ManagedBucketName", Description: "Upload " + triggerKey + " here to start a run", Value: managed},
		{Name: "RunsBucketName", Description: "Each run's report is here, under runs/", Value: runs.BucketName()},
		{Name: "TopicArn", Description: "Failures and alarms are published here", Value: topic.TopicArn()},
		{Name: "DashboardUrl", Description: "How the runs are", Value: names.ConsoleURL("cloudwatch/home#dashboards/dashboard/" + *names.Dashboard())},
	}, lossesOutputs(s), transferOutputs(s, createdRole), construct.EventBridgeOutputs(s.ManagedBucket, s.CreateManagedBucket)))
	return stack
}
