package sendfiles

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/statemachine"
)

// mapLabel is the label of the Map, by which its child executions have ARNs and metrics
// apart from those of runs.
const mapLabel = "objects"

// uploadRule is the rule that starts a run when an object is uploaded.
const uploadRule = "upload"

// NewStack defines everything of one installation, in a CloudFormation stack. code has each
// function's folder, as construct.FindCode returns it.
func (s *Settings) NewStack(scope constructs.Construct, code map[string]string) awscdk.Stack {
	stack := awscdk.NewStack(scope, &s.StackName, &awscdk.StackProps{
		StackName:   &s.StackName,
		Description: jsii.String("send-files: sends the objects under a prefix to a partner's SFTP server"),
	})
	names := construct.NewNames(stack)
	source := newSourceBucket(stack, s)
	runs := construct.NewRunsBucket(stack, &s.Common, names)
	topicKey := construct.NewTopicKey(stack, &s.Common, names)
	topic := construct.NewTopic(stack, &s.Common, names, topicKey)
	functions := newFunctions(stack, s, names, code)
	workflow := construct.NewWorkflow(stack, &s.Common, names, topicKey, s.workflow(names, functions))

	deadLetters := construct.NewDeadLetterQueue(stack, names, names.Prefixed(uploadRule), names.StatusRule())
	construct.NewStartRule(stack, "Upload", names, workflow, deadLetters, s.upload())
	construct.NewSchedule(stack, &s.Scheduled, names, workflow, deadLetters, "Sends what no event has announced", `{"sweep":true}`)

	construct.NewStatusRule(stack, names, workflow, topic, topicKey, deadLetters,
		"What it has not sent is where it was. Look at its last states, then start another")
	construct.NewAlarms(stack, names, topic, listAlarms(s, names, functions, workflow, deadLetters))
	construct.NewQueries(stack, names, functions.logs(), queries)
	construct.NewDashboard(stack, names, graphs(names, functions, workflow), "Latest failures", latestFailures.Text, functions.logs())

	construct.NewOutputs(stack, slices.Concat([]construct.Output{
		{Name: "StateMachineArn", Description: "The workflow; start it with {} for all objects", Value: workflow.Ref()},
		{Name: "SourceBucketName", Description: "Objects under " + s.SourcePrefix + " are sent", Value: source},
		{Name: "RunsBucketName", Description: "Each run's report is here, under runs/, and each day's under days/", Value: runs.BucketName()},
		{Name: "TopicArn", Description: "Failures and alarms are published here", Value: topic.TopicArn()},
		{Name: "DashboardUrl", Description: "How the runs are", Value: names.ConsoleURL("cloudwatch/home#dashboards/dashboard/" + *names.Dashboard())},
	}, construct.EventBridgeOutputs(s.SourceBucket, s.CreateSourceBucket)))
	return stack
}

// workflow is the state machine with what only this one may do.
func (s *Settings) workflow(names *construct.Names, functions *functions) *construct.WorkflowProps {
	return &construct.WorkflowProps{
		Definition: statemachine.SendFiles,
		Substitutions: map[string]*string{
			"ListObjectsFunctionArn":   functions.listObjects.AttrArn(),
			"SendFileFunctionArn":      functions.sendFile.AttrArn(),
			"SummarizeSendFunctionArn": functions.summarizeSend.AttrArn(),
			"TopicArn":                 names.TopicARN(),
		},
		Functions: functions.all(),
		// The permission to start the next run is that by which the Map starts executions.
		Permissions: []construct.Permission{
			{Actions: []string{"s3:GetObject"}, Resources: names.RunsObjectARNs("runs/*/objects.json")},
			// What the Map's ResultWriter needs to write results of any size in parts.
			{Actions: []string{
				"s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload",
			}, Resources: names.RunsObjectARNs("runs/*/results/*")},
		},
	}
}

// upload starts a run when an object is uploaded under the prefix.
func (s *Settings) upload() *construct.StartRuleProps {
	detail := map[string]any{"bucket": map[string]any{"name": []string{s.SourceBucket}}}
	if s.SourcePrefix != "" {
		detail["object"] = map[string]any{"key": []any{map[string]any{"prefix": s.SourcePrefix}}}
	}
	return &construct.StartRuleProps{
		Name:        uploadRule,
		Disabled:    !s.StartOnUpload,
		Description: "Starts a run when an object is uploaded to s3://" + s.SourceBucket + "/" + s.SourcePrefix,
		EventPattern: map[string]any{
			"source":      []string{"aws.s3"},
			"detail-type": []string{"Object Created"},
			"detail":      detail,
		},
	}
}
