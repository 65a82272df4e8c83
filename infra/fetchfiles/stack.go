package fetchfiles

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/statemachine"
)

// NewStack defines everything of one installation, in a CloudFormation stack. code has each
// function's folder, as construct.FindCode returns it.
func (s *Settings) NewStack(scope constructs.Construct, code map[string]string) awscdk.Stack {
	stack := awscdk.NewStack(scope, &s.StackName, &awscdk.StackProps{
		StackName:   &s.StackName,
		Description: jsii.String("fetch-files: keeps folders of a partner's SFTP server in step in S3"),
	})
	names := construct.NewNames(stack)
	runs := construct.NewRunsBucket(stack, &s.Common, names, "listings/", "events/")
	topicKey := construct.NewTopicKey(stack, &s.Common, names)
	topic := construct.NewTopic(stack, &s.Common, names, topicKey)
	connector := newConnector(stack, s, names)
	newParameters(stack, s)
	functions := newFunctions(stack, s, names, connector, code)
	workflow := construct.NewWorkflow(stack, &s.Common, names, topicKey, s.workflow(names, functions))

	deadLetters := construct.NewDeadLetterQueue(stack, names, names.Prefixed(connectorRule), names.StatusRule())
	newConnectorRule(stack, names, connector, functions.recordEvent, deadLetters)
	newSchedules(stack, s, names, workflow, deadLetters)

	construct.NewStatusRule(stack, names, workflow, topic, topicKey, deadLetters,
		"What it has not fetched is where it was. Look at its last states, then start another")
	construct.NewAlarms(stack, names, topic, listAlarms(s, names, functions, workflow, deadLetters))
	construct.NewQueries(stack, names, functions.logs(), queries)
	construct.NewDashboard(stack, names, graphs(names, functions, workflow), "Latest failures", latestFailures.Text, functions.logs())

	construct.NewOutputs(stack, []construct.Output{
		{Name: "StateMachineArn", Description: fmt.Sprintf("The workflow; start it with {} for all syncs, or {%q:%q}", "sync", s.server.SyncSettings[0].Name), Value: workflow.Ref()},
		{Name: "ConnectorId", Description: "The connector to " + s.server.URL, Value: connector.id},
		{Name: "ConnectorAddresses", Description: "The connector comes from these addresses, which the partner may have to allow", Value: connector.addresses},
		{Name: "RunsBucketName", Description: "Each run's report is here, under runs/", Value: runs.BucketName()},
		{Name: "TopicArn", Description: "Failures and alarms are published here", Value: topic.TopicArn()},
		{Name: "DashboardUrl", Description: "How the runs are", Value: names.ConsoleURL("cloudwatch/home#dashboards/dashboard/" + *names.Dashboard())},
	})
	return stack
}

// workflow is the state machine with what only this one may do.
func (s *Settings) workflow(names *construct.Names, functions *functions) *construct.WorkflowProps {
	return &construct.WorkflowProps{
		Definition: statemachine.FetchFiles,
		Substitutions: map[string]*string{
			"PlanFetchFunctionArn":      functions.planFetch.AttrArn(),
			"ListFolderFunctionArn":     functions.listFolder.AttrArn(),
			"FetchBatchFunctionArn":     functions.fetchBatch.AttrArn(),
			"SummarizeFetchFunctionArn": functions.summarizeFetch.AttrArn(),
			"TopicArn":                  names.TopicARN(),
		},
		Functions: functions.invoked(),
		Permissions: []construct.Permission{
			{Actions: []string{"s3:GetObject"}, Resources: names.RunsObjectARNs("runs/*")},
			// What the Maps' ResultWriters need to write results of any size in parts.
			{Actions: []string{
				"s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload",
			}, Resources: names.RunsObjectARNs("runs/*/results/*")},
		},
	}
}
