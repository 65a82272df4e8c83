package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// NewSchedule starts runs with an input on the settings' schedule, if there is one.
func NewSchedule(scope constructs.Construct, settings *settings.Scheduled, names *Names, workflow *Workflow, deadLetters awssqs.Queue, description, input string) {
	if settings.Schedule == "" {
		return
	}
	scope = constructs.NewConstruct(scope, jsii.String("Schedule"))
	role := NewRole(scope, "Role", &RoleProps{
		Service: "scheduler.amazonaws.com",
		Permissions: []Permission{
			startExecutionPermission(workflow),
			{Actions: []string{"sqs:SendMessage"}, Resources: []*string{deadLetters.QueueArn()}},
		},
	})
	state := "ENABLED"
	if !settings.ScheduleEnabled {
		state = "DISABLED"
	}
	awsscheduler.NewCfnSchedule(scope, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Name:                       names.Prefixed("schedule"),
		Description:                &description,
		State:                      &state,
		ScheduleExpression:         &settings.Schedule,
		ScheduleExpressionTimezone: &settings.ScheduleTimeZone,
		FlexibleTimeWindow:         &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:              workflow.Ref(),
			RoleArn:          role.RoleArn(),
			Input:            &input,
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: deadLetters.QueueArn()},
			// A start that fails for an hour is left to the next one.
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(startRetrySeconds),
				MaximumRetryAttempts:     jsii.Number(startRetries),
			},
		},
	})
}
