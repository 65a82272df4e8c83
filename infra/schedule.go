package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// NewSchedule starts a run for all users on the settings' schedule, if there is
// one.
func NewSchedule(scope constructs.Construct, settings *settings.SyncUsers, names *names, workflow *Workflow, deadLetters awssqs.Queue) {
	if settings.Schedule == "" {
		return
	}
	scope = constructs.NewConstruct(scope, jsii.String("Schedule"))
	role := NewRole(scope, "Role", &RoleProps{
		Service: "scheduler.amazonaws.com",
		Permissions: []permission{
			startExecutionPermission(workflow),
			{Actions: []string{"sqs:SendMessage"}, Resources: []*string{deadLetters.QueueArn()}},
		},
	})
	state := "ENABLED"
	if !settings.ScheduleEnabled {
		state = "DISABLED"
	}
	awsscheduler.NewCfnSchedule(scope, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Name:                       names.prefixed("schedule"),
		Description:                jsii.String("Starts a run for everybody"),
		State:                      &state,
		ScheduleExpression:         &settings.Schedule,
		ScheduleExpressionTimezone: &settings.ScheduleTimeZone,
		FlexibleTimeWindow:         &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:              workflow.Ref(),
			RoleArn:          role.RoleArn(),
			Input:            jsii.String("{}"),
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: deadLetters.QueueArn()},
			// A start that fails for an hour is left to the next one.
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(startRetrySeconds),
				MaximumRetryAttempts:     jsii.Number(startRetries),
			},
		},
	})
}
