package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// output is a value that the deploy prints, and that programs read by its name.
type output struct {
	name, description string
	value             *string
}

func newOutputs(scope constructs.Construct, outputs []output) {
	for _, o := range outputs {
		awscdk.NewCfnOutput(scope, &o.name, &awscdk.CfnOutputProps{Value: o.value, Description: &o.description})
	}
}

// eventBridgeOutputs say how an existing managed bucket is made to send its events
// to EventBridge. The deploy doesn't do it, because a bucket has one notification
// configuration, which it would overwrite. The command adds to it.
func eventBridgeOutputs(settings *settings.SyncUsers) []output {
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
