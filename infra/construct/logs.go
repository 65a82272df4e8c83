package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// NewLogGroup creates a log group with the retention of the settings, which is
// deleted with the CloudFormation stack.
func NewLogGroup(scope constructs.Construct, name string, settings *settings.Common) awslogs.CfnLogGroup {
	return awslogs.NewCfnLogGroup(scope, jsii.String("Log"), &awslogs.CfnLogGroupProps{
		LogGroupName:    &name,
		RetentionInDays: jsii.Number(settings.LogRetentionDays),
	})
}
