// Package awscloudwatch reads alarms of Amazon CloudWatch.
package awscloudwatch

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/alarm"
)

// NewClient makes a client that speaks JSON, one of CloudWatch's protocols, because not every
// endpoint of other makers knows the binary one that is the SDK's choice.
func NewClient(cfg aws.Config) *cloudwatch.Client {
	return cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) {
		o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801)
	})
}

// Alarms returns the alarms whose names begin with that of an installation and a hyphen, in
// order of name. Those of an installation `a-b` are among those of `a`.
func Alarms(ctx context.Context, client cloudwatch.DescribeAlarmsAPIClient, installation string) ([]alarm.Alarm, error) {
	prefix := installation + "-"
	alarms := []alarm.Alarm{}
	pages := cloudwatch.NewDescribeAlarmsPaginator(client, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, awsapi.Classify(err)
		}
		for _, a := range page.MetricAlarms {
			alarms = append(alarms, alarm.Alarm{
				Name: strings.TrimPrefix(aws.ToString(a.AlarmName), prefix), State: alarm.State(strings.ToLower(string(a.StateValue))),
				Since: aws.ToTime(a.StateUpdatedTimestamp).UTC(), Description: aws.ToString(a.AlarmDescription),
			})
		}
	}
	return alarms, nil
}
