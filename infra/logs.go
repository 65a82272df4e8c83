package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewLogGroup makes a log group that forgets in time, and goes with the stack.
func NewLogGroup(scope constructs.Construct, name string, settings *Settings) awslogs.CfnLogGroup {
	return awslogs.NewCfnLogGroup(scope, jsii.String("Log"), &awslogs.CfnLogGroupProps{
		LogGroupName:    &name,
		RetentionInDays: jsii.Number(settings.LogRetentionDays),
	})
}
