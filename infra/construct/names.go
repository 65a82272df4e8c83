package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// Names are the names and ARNs by which the resources refer to each other. All are
// made from the name of the CloudFormation stack, so that a role can name a
// resource that in turn needs the role.
type Names struct {
	Stack awscdk.Stack
	// Prefix is the name of the CloudFormation stack, with which all names begin.
	Prefix string
	// RunsBucket is the name of the runs bucket.
	RunsBucket string
}

// NewNames returns the names in a CloudFormation stack.
func NewNames(stack awscdk.Stack) *Names {
	name := *stack.StackName()
	return &Names{
		Stack:  stack,
		Prefix: name,
		// A bucket `<org>-<env>-…` would belong to a stack of that name, and be
		// mapped for its members. No stack's name begins with a digit.
		RunsBucket: *stack.Account() + "-" + name + "-runs-" + *stack.Region(),
	}
}

// Prefixed returns the name of a resource of this installation.
func (n *Names) Prefixed(name string) *string { return jsii.String(n.Prefix + "-" + name) }

// ARN returns the ARN of a resource of this account and region.
func (n *Names) ARN(service, resource string) *string {
	return jsii.String("arn:" + *n.Stack.Partition() + ":" + service + ":" +
		*n.Stack.Region() + ":" + *n.Stack.Account() + ":" + resource)
}

// Dashboard returns the dashboard's name. An account's dashboards are those of all
// its regions
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html).
func (n *Names) Dashboard() *string { return n.Prefixed(*n.Stack.Region()) }

// TopicARN returns the ARN of the topic of failures and alarms.
func (n *Names) TopicARN() *string { return n.ARN("sns", *n.Prefixed("alerts")) }

// StateMachineARN returns the ARN of the workflow.
func (n *Names) StateMachineARN() *string { return n.ARN("states", "stateMachine:"+n.Prefix) }

// ExecutionARNs matches the runs, without the executions that the Map starts.
func (n *Names) ExecutionARNs() *string { return n.ARN("states", "execution:"+n.Prefix+":*") }

// ChildExecutionARNs matches the executions that the Map starts, one a user
// (`execution:<state machine>/<label>:<id>`). A run that goes on during an update
// has the label of the definition that it was started with.
func (n *Names) ChildExecutionARNs() *string { return n.ARN("states", "execution:"+n.Prefix+"/*:*") }

// BucketARN returns the ARN of a bucket, whose name may hold `*`.
func (n *Names) BucketARN(bucket string) *string {
	return jsii.String("arn:" + *n.Stack.Partition() + ":s3:::" + bucket)
}

// ObjectARN returns the ARN of a bucket's objects, by a key that may hold `*`.
func (n *Names) ObjectARN(bucket, key string) *string {
	return jsii.String(*n.BucketARN(bucket) + "/" + key)
}

// RunsObjectARNs matches objects of the runs bucket, by a key that may hold `*`.
func (n *Names) RunsObjectARNs(key string) []*string {
	return []*string{n.ObjectARN(n.RunsBucket, key)}
}

// ConsoleURL returns the address of a page of this region's AWS console.
func (n *Names) ConsoleURL(page string) *string {
	return jsii.String("https://" + *n.Stack.Region() + ".console.aws.amazon.com/" + page)
}
