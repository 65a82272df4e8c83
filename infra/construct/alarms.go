package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Alarm is raised when a metric reaches the threshold in each of a number of its
// periods.
type Alarm struct {
	Name, Description string
	Metric            awscloudwatch.IMetric
	Threshold         float64
	Periods           int
	// Below raises it on values less than the threshold instead, or on none.
	Below bool
}

// NewAlarms creates the alarms, each of which publishes to the topic once when it
// is raised.
func NewAlarms(scope constructs.Construct, names *Names, topic awssns.Topic, alarms []Alarm) {
	scope = constructs.NewConstruct(scope, jsii.String("Alarms"))
	for _, a := range alarms {
		comparison, missing := awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD, awscloudwatch.TreatMissingData_NOT_BREACHING
		if a.Below {
			comparison, missing = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD, awscloudwatch.TreatMissingData_BREACHING
		}
		awscloudwatch.NewAlarm(scope, &a.Name, &awscloudwatch.AlarmProps{
			AlarmName:          names.Prefixed(a.Name),
			AlarmDescription:   &a.Description,
			Metric:             a.Metric,
			Threshold:          &a.Threshold,
			EvaluationPeriods:  jsii.Number(a.Periods),
			ComparisonOperator: comparison,
			TreatMissingData:   missing,
		}).AddAlarmAction(awscloudwatchactions.NewSnsAction(topic))
	}
}
