package construct

import (
	"encoding/json"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// NewSchedule starts runs with an input on the settings' schedule, if there is one. A start
// that fails for an hour is left to the next one.
func NewSchedule(scope constructs.Construct, settings *settings.Scheduled, names *Names, workflow *Workflow, deadLetters awssqs.Queue, description, input string) {
	if settings.Schedule == "" {
		return
	}
	newSchedule(scope, "Schedule", names, workflow, deadLetters, &scheduleProps{
		name: "schedule", description: description, enabled: settings.ScheduleEnabled,
		expression: settings.Schedule, timeZone: settings.ScheduleTimeZone,
		target: workflow.Ref(), input: input, retrySeconds: startRetrySeconds, retries: startRetries,
	})
}

// ChangesProps is what differs from system to system that looks for changes.
type ChangesProps struct {
	// Rate is how often, as EventBridge Scheduler defines it; "" for never.
	Rate    string
	Enabled bool
	// NamePrefix begins the names of the runs, and Input is their input.
	Description, NamePrefix, Input string
}

// NewChangesSchedule starts runs that look for changes. A start that fails for five
// minutes is left to the next one.
func NewChangesSchedule(scope constructs.Construct, names *Names, workflow *Workflow, deadLetters awssqs.Queue, props *ChangesProps) {
	if props.Rate == "" {
		return
	}
	input, err := json.Marshal(map[string]string{
		"StateMachineArn": *names.StateMachineARN(),
		"Input":           props.Input,
	})
	if err != nil {
		panic(err) // It is made of nothing but text.
	}
	// Scheduler puts an id of its own in the place of the attribute, whose angle brackets
	// JSON would escape
	// (https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html).
	named := strings.TrimSuffix(string(input), "}") + `,"Name":"` + props.NamePrefix + `<aws.scheduler.execution-id>"}`
	newSchedule(scope, "Changes", names, workflow, deadLetters, &scheduleProps{
		name: "changes", description: props.Description, enabled: props.Enabled, expression: props.Rate, timeZone: "UTC",
		// As a state machine's own target, the runs would have no names
		// (https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html).
		target: jsii.String("arn:" + *names.Stack.Partition() + ":scheduler:::aws-sdk:sfn:startExecution"), input: named,
		retrySeconds: 300, retries: 5,
	})
}

// scheduleProps is what differs from schedule to schedule.
type scheduleProps struct {
	name, description     string // the name is without the installation's prefix
	enabled               bool
	expression, timeZone  string
	target                *string
	input                 string
	retrySeconds, retries int
}

func newSchedule(scope constructs.Construct, id string, names *Names, workflow *Workflow, deadLetters awssqs.Queue, props *scheduleProps) {
	scope = constructs.NewConstruct(scope, &id)
	newScheduleOf(scope, "Schedule", names, newScheduleRole(scope, workflow, deadLetters), deadLetters, props)
}

// NamedSchedule is one of several schedules.
type NamedSchedule struct {
	// Name is without the installation's prefix.
	Name, Description string
	Enabled           bool
	// Expression is in UTC.
	Expression, Input string
}

// NewSchedules starts runs with the input of each schedule. A start that fails for an hour is
// left to the next one. They share a role, because they start the same runs.
func NewSchedules(scope constructs.Construct, names *Names, workflow *Workflow, deadLetters awssqs.Queue, schedules []NamedSchedule) {
	if len(schedules) == 0 {
		return
	}
	scope = constructs.NewConstruct(scope, jsii.String("Schedules"))
	role := newScheduleRole(scope, workflow, deadLetters)
	for _, s := range schedules {
		newScheduleOf(scope, s.Name, names, role, deadLetters, &scheduleProps{
			name: s.Name, description: s.Description, enabled: s.Enabled, expression: s.Expression, timeZone: "UTC",
			target: workflow.Ref(), input: s.Input, retrySeconds: startRetrySeconds, retries: startRetries,
		})
	}
}

func newScheduleRole(scope constructs.Construct, workflow *Workflow, deadLetters awssqs.Queue) awsiam.Role {
	return NewRole(scope, "Role", &RoleProps{
		Service: "scheduler.amazonaws.com",
		Permissions: []Permission{
			startExecutionPermission(workflow),
			{Actions: []string{"sqs:SendMessage"}, Resources: []*string{deadLetters.QueueArn()}},
		},
	})
}

func newScheduleOf(scope constructs.Construct, id string, names *Names, role awsiam.Role, deadLetters awssqs.Queue, props *scheduleProps) {
	state := "ENABLED"
	if !props.enabled {
		state = "DISABLED"
	}
	awsscheduler.NewCfnSchedule(scope, &id, &awsscheduler.CfnScheduleProps{
		Name:                       names.Prefixed(props.name),
		Description:                &props.description,
		State:                      &state,
		ScheduleExpression:         &props.expression,
		ScheduleExpressionTimezone: &props.timeZone,
		FlexibleTimeWindow:         &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:              props.target,
			RoleArn:          role.RoleArn(),
			Input:            &props.input,
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: deadLetters.QueueArn()},
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(props.retrySeconds),
				MaximumRetryAttempts:     jsii.Number(props.retries),
			},
		},
	})
}
