package construct

import "github.com/aws/jsii-runtime-go"

// EventBridgeOutputs say how an existing bucket is made to send its events
// to EventBridge. The deploy doesn't do it, because a bucket has one notification
// configuration, which it would overwrite. The command adds to it.
func EventBridgeOutputs(bucket string, created bool) []Output {
	if created {
		return nil
	}
	command := "aws s3api get-bucket-notification-configuration --bucket " + bucket +
		" --query 'merge(@, `{\"EventBridgeConfiguration\": {}}`)' --output json > notifications.json" +
		" && aws s3api put-bucket-notification-configuration --bucket " + bucket +
		" --notification-configuration file://notifications.json"
	return []Output{
		{
			Name:        "TurnOnEventBridge",
			Description: "Run this once, so that an upload to " + bucket + " is told to EventBridge; its other notifications stay",
			Value:       &command,
		},
		{
			Name:        "TurnOnEventBridgeTerraform",
			Description: "Where Terraform keeps the bucket, put this line into its aws_s3_bucket_notification instead",
			Value:       jsii.String("eventbridge = true"),
		},
	}
}
