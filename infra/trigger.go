package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

const (
	// triggerKey is the one key of the managed bucket whose upload starts a run.
	triggerKey  = "sync-users/TRIGGER"
	triggerRule = "trigger"
	// For an hour the start of a run is tried again, by TRIGGER or the schedule.
	startRetrySeconds, startRetries = 3600, 60
)

// NewTrigger starts a run, with the whole event as its input, when TRIGGER is
// uploaded to the managed bucket.
func NewTrigger(scope constructs.Construct, settings *settings.SyncUsers, names *names, workflow *Workflow, deadLetters awssqs.Queue) {
	scope = constructs.NewConstruct(scope, jsii.String("Trigger"))
	role := NewRole(scope, "Role", &RoleProps{
		Service:     "events.amazonaws.com",
		Permissions: []permission{startExecutionPermission(workflow)},
	})
	awsevents.NewCfnRule(scope, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Name:        names.prefixed(triggerRule),
		Description: jsii.String("Starts a run when " + triggerKey + " is uploaded to " + settings.ManagedBucket),
		EventPattern: map[string]any{
			"source":      []string{"aws.s3"},
			"detail-type": []string{"Object Created"},
			"detail": map[string]any{
				"bucket": map[string]any{"name": []string{settings.ManagedBucket}},
				"object": map[string]any{"key": []string{triggerKey}},
			},
		},
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id:               jsii.String("workflow"),
			Arn:              workflow.Ref(),
			RoleArn:          role.RoleArn(),
			DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: deadLetters.QueueArn()},
			// EventBridge would try for a day, and the alarm on the queue come after it
			// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html).
			RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(startRetrySeconds),
				MaximumRetryAttempts:     jsii.Number(startRetries),
			},
		}},
	})
}

// startExecutionPermission lets a role start a run.
func startExecutionPermission(workflow *Workflow) permission {
	return permission{Actions: []string{"states:StartExecution"}, Resources: []*string{workflow.Ref()}}
}
