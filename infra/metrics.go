package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// metricsNamespace is where the functions publish metrics, by log lines in
// CloudWatch's embedded metric format.
const metricsNamespace = "SyncUsers"

// metric is a CloudWatch metric with its one dimension.
type metric struct {
	namespace, name  string
	dimension, value *string
}

// statistic returns the metric as an alarm takes it: a statistic, such as its sum,
// over a period.
func (m metric) statistic(minutes int, statistic string) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     &m.namespace,
		MetricName:    &m.name,
		DimensionsMap: &map[string]*string{*m.dimension: m.value},
		Statistic:     &statistic,
		Period:        awscdk.Duration_Minutes(jsii.Number(minutes)),
	})
}

// line returns the metric as a line of a graph.
func (m metric) line(label, statistic string) awscloudwatch.IMetric {
	return m.statistic(5, statistic).With(&awscloudwatch.MetricOptions{Label: &label})
}

func runMetric(workflow *Workflow, name string) metric {
	return metric{"AWS/States", name, jsii.String("StateMachineArn"), workflow.Ref()}
}

// childMetric is one of the executions that the Map starts
// (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html).
func childMetric(workflow *Workflow, name string) metric {
	return metric{"AWS/States", name, jsii.String("StateMachineArn"), jsii.String(*workflow.Ref() + "/" + mapLabel)}
}

func functionMetric(function *Function, name string) metric {
	return metric{"AWS/Lambda", name, jsii.String("FunctionName"), function.Ref()}
}

func ownMetric(names *names, name string) metric {
	return metric{metricsNamespace, name, jsii.String("StateMachine"), &names.prefix}
}
