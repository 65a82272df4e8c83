package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// names are the names and ARNs by which the resources refer to each other. All are
// made from the name of the CloudFormation stack, so that a role can name a
// resource that in turn needs the role.
type names struct {
	stack      awscdk.Stack
	prefix     string
	runsBucket string
}

func newNames(stack awscdk.Stack, settings *settings.SyncUsers) *names {
	return &names{
		stack:  stack,
		prefix: settings.StackName,
		// A bucket `<org>-<env>-…` would belong to a stack of that name, and be
		// mapped for its members. No stack's name begins with a digit.
		runsBucket: *stack.Account() + "-" + settings.StackName + "-runs-" + *stack.Region(),
	}
}

// prefixed returns the name of a resource of this installation.
func (n *names) prefixed(name string) *string { return jsii.String(n.prefix + "-" + name) }

// arn returns the ARN of a resource of this account and region.
func (n *names) arn(service, resource string) *string {
	return jsii.String("arn:" + *n.stack.Partition() + ":" + service + ":" +
		*n.stack.Region() + ":" + *n.stack.Account() + ":" + resource)
}

// dashboard returns the dashboard's name. An account's dashboards are those of all
// its regions
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html).
func (n *names) dashboard() *string { return n.prefixed(*n.stack.Region()) }

func (n *names) topicARN() *string        { return n.arn("sns", *n.prefixed("alerts")) }
func (n *names) stateMachineARN() *string { return n.arn("states", "stateMachine:"+n.prefix) }

// executionARNs matches the runs, without the executions that the Map starts.
func (n *names) executionARNs() *string { return n.arn("states", "execution:"+n.prefix+":*") }

// childExecutionARNs matches the executions that the Map starts, one a user
// (`execution:<state machine>/<label>:<id>`). A run that goes on during an update
// has the label of the definition that it was started with.
func (n *names) childExecutionARNs() *string { return n.arn("states", "execution:"+n.prefix+"/*:*") }

func (n *names) bucketARN(bucket string) *string {
	return jsii.String("arn:" + *n.stack.Partition() + ":s3:::" + bucket)
}

func (n *names) objectARN(bucket, key string) *string {
	return jsii.String(*n.bucketARN(bucket) + "/" + key)
}

// runsObjectARNs matches objects of the runs bucket, by a key that may hold `*`.
func (n *names) runsObjectARNs(key string) []*string {
	return []*string{n.objectARN(n.runsBucket, key)}
}

// parameterARNs matches the parameters that sync-user reads: the keys of users, and
// what the connection to SFTPGo refers to.
func (n *names) parameterARNs(settings *settings.SyncUsers) []*string {
	arns := []*string{
		n.arn("ssm", "parameter"+settings.AccessKeyPrefix+"*"),
		n.arn("ssm", "parameter"+settings.SecretKeyPrefix+"*"),
	}
	for _, name := range settings.ParameterReferences() {
		arns = append(arns, n.arn("ssm", "parameter"+name))
	}
	return arns
}

// consoleURL returns the address of a page of this region's AWS console.
func (n *names) consoleURL(page string) *string {
	return jsii.String("https://" + *n.stack.Region() + ".console.aws.amazon.com/" + page)
}
