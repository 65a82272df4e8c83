package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// output is a value that the deploy prints, and that others read by its name.
type output struct {
	name, text string
	value      *string
}

func newOutputs(scope constructs.Construct, outputs []output) {
	for _, o := range outputs {
		awscdk.NewCfnOutput(scope, &o.name, &awscdk.CfnOutputProps{Value: o.value, Description: &o.text})
	}
}

// eventBridgeSwitch says what turns on that an imported bucket tells
// EventBridge of uploads. It is not done here: a bucket has one configuration
// of notifications as a whole, and whoever writes it from two places loses what
// stands in the other. The command keeps what is there and adds to it.
func eventBridgeSwitch(settings *Settings) []output {
	if settings.CreateManagedBucket {
		return nil
	}
	command := "aws s3api get-bucket-notification-configuration --bucket " + settings.ManagedBucket +
		" --query 'merge(@, `{\"EventBridgeConfiguration\": {}}`)' --output json > notifications.json" +
		" && aws s3api put-bucket-notification-configuration --bucket " + settings.ManagedBucket +
		" --notification-configuration file://notifications.json"
	return []output{
		{
			"TurnOnEventBridge",
			"Run this once, so that an upload to " + settings.ManagedBucket + " is told to EventBridge; its other notifications stay",
			&command,
		},
		{
			"TurnOnEventBridgeTerraform",
			"Where Terraform keeps the bucket, put this line into its aws_s3_bucket_notification instead",
			jsii.String("eventbridge = true"),
		},
	}
}
