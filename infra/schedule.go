package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewSchedule starts a run for everybody by the clock, where the settings have
// a schedule.
func NewSchedule(scope constructs.Construct, settings *Settings, names *names, workflow *Workflow, undelivered awssqs.Queue) {
	if settings.Schedule.Expression == "" {
		return
	}
	scope = constructs.NewConstruct(scope, jsii.String("Schedule"))
	role := NewRole(scope, "Role", &RoleProps{
		Service: "scheduler.amazonaws.com",
		Permissions: []permission{
			startRun(workflow),
			{Actions: []string{"sqs:SendMessage"}, Resources: []*string{undelivered.QueueArn()}},
		},
	})
	awsscheduler.NewCfnSchedule(scope, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Name:                       names.of("schedule"),
		Description:                jsii.String("Starts a run for everybody"),
		ScheduleExpression:         &settings.Schedule.Expression,
		ScheduleExpressionTimezone: &settings.Schedule.TimeZone,
		FlexibleTimeWindow:         &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:              workflow.Ref(),
			RoleArn:          role.RoleArn(),
			Input:            jsii.String("{}"),
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: undelivered.QueueArn()},
			// A run that could not be started for an hour is left to the next one.
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(3600),
				MaximumRetryAttempts:     jsii.Number(60),
			},
		},
	})
}
