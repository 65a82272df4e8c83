package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// triggerKey is the one key of the managed bucket whose upload starts a run.
const triggerKey = "sync-users/TRIGGER"

// NewTrigger starts a run, with the whole event as its input, when somebody
// uploads TRIGGER to the managed bucket.
func NewTrigger(scope constructs.Construct, settings *Settings, names *names, machine awsstepfunctions.CfnStateMachine) {
	scope = constructs.NewConstruct(scope, jsii.String("Trigger"))
	role := NewRole(scope, "Role", "events.amazonaws.com", []permission{
		{Actions: []string{"states:StartExecution"}, Resources: []*string{machine.Ref()}},
	})
	awsevents.NewCfnRule(scope, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Name:        names.of("trigger"),
		Description: jsii.String("Starts sync-users when " + triggerKey + " is uploaded to " + settings.ManagedBucket),
		EventPattern: map[string]any{
			"source":      []string{"aws.s3"},
			"detail-type": []string{"Object Created"},
			"detail": map[string]any{
				"bucket": map[string]any{"name": []string{settings.ManagedBucket}},
				"object": map[string]any{"key": []string{triggerKey}},
			},
		},
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id:      jsii.String("workflow"),
			Arn:     machine.Ref(),
			RoleArn: role.RoleArn(),
		}},
	})
}
