package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// metricsNamespace is where the functions put their own metrics, by the lines
// they log in CloudWatch's embedded metric format.
const metricsNamespace = "SyncUsers"

// metric is one of CloudWatch's, with the one dimension that tells it from
// others of its name.
type metric struct {
	namespace, name  string
	dimension, value *string
}

// over gives the metric as alarms take it: its sum, or another statistic, over
// a time.
func (m metric) over(minutes int, statistic string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     &m.namespace,
		MetricName:    &m.name,
		DimensionsMap: &map[string]*string{*m.dimension: m.value},
		Statistic:     &statistic,
		Period:        awscdk.Duration_Minutes(jsii.Number(minutes)),
	})
}

// line gives the metric as a dashboard's widget takes it.
func (m metric) line(label, statistic string) []any {
	return []any{m.namespace, m.name, m.dimension, m.value, map[string]string{"label": label, "stat": statistic}}
}

func runMetric(workflow *Workflow, name string) metric {
	return metric{"AWS/States", name, jsii.String("StateMachineArn"), workflow.Ref()}
}

func functionMetric(function *Function, name string) metric {
	return metric{"AWS/Lambda", name, jsii.String("FunctionName"), function.Ref()}
}

func ownMetric(names *names, name string) metric {
	return metric{metricsNamespace, name, jsii.String("StateMachine"), &names.prefix}
}
