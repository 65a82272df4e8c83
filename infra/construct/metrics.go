package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// Metric is a CloudWatch metric with its one dimension.
type Metric struct {
	namespace, name  string
	dimension, value *string
}

// Statistic returns the metric as an alarm takes it: a statistic, such as its sum,
// over a period.
func (m Metric) Statistic(minutes int, statistic string) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     &m.namespace,
		MetricName:    &m.name,
		DimensionsMap: &map[string]*string{*m.dimension: m.value},
		Statistic:     &statistic,
		Period:        awscdk.Duration_Minutes(jsii.Number(minutes)),
	})
}

// Line returns the metric as a line of a graph.
func (m Metric) Line(label, statistic string) awscloudwatch.IMetric {
	return m.Statistic(5, statistic).With(&awscloudwatch.MetricOptions{Label: &label})
}

// RunMetric is one of the runs.
func RunMetric(workflow *Workflow, name string) Metric {
	return Metric{"AWS/States", name, jsii.String("StateMachineArn"), workflow.Ref()}
}

// ChildMetric is one of the executions that the Map of a label starts
// (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html).
func ChildMetric(workflow *Workflow, label, name string) Metric {
	return Metric{"AWS/States", name, jsii.String("StateMachineArn"), jsii.String(*workflow.Ref() + "/" + label)}
}

// FunctionMetric is one that Lambda has of a function.
func FunctionMetric(function *Function, name string) Metric {
	return Metric{"AWS/Lambda", name, jsii.String("FunctionName"), function.Ref()}
}

// Namespace is where the functions of all systems publish metrics.
const Namespace = "SyncUsers"

// OwnMetric is one that the functions publish themselves, by log lines in
// CloudWatch's embedded metric format.
func (n *Names) OwnMetric(name string) Metric {
	return Metric{Namespace, name, jsii.String("StateMachine"), &n.Prefix}
}

// QueueMetric is one that SQS has of a queue.
func QueueMetric(queue awssqs.Queue, name string) Metric {
	return Metric{"AWS/SQS", name, jsii.String("QueueName"), queue.QueueName()}
}

// RuleMetric is one that EventBridge has of a rule.
func RuleMetric(rule *string, name string) Metric {
	return Metric{"AWS/Events", name, jsii.String("RuleName"), rule}
}
