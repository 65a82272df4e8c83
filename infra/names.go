package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// names are the names and ARNs by which the parts of the stack know each
// other. All are made from the stack's own name, so that a role can name a
// thing that in its turn needs the role.
type names struct {
	stack      awscdk.Stack
	prefix     string
	runsBucket string
}

func namesOf(stack awscdk.Stack, settings *Settings) *names {
	return &names{
		stack:  stack,
		prefix: settings.StackName,
		// A bucket `<org>-<env>-…` would belong to a stack of that name, and be
		// handed to its members over SFTP. No stack's name begins with a digit.
		runsBucket: *stack.Account() + "-" + settings.StackName + "-runs-" + *stack.Region(),
	}
}

// of gives the name of a thing of this installation.
func (n *names) of(thing string) *string { return jsii.String(n.prefix + "-" + thing) }

// arn gives the ARN of a resource of this account and region.
func (n *names) arn(service, resource string) *string {
	return jsii.String("arn:" + *n.stack.Partition() + ":" + service + ":" +
		*n.stack.Region() + ":" + *n.stack.Account() + ":" + resource)
}

func (n *names) topic() *string        { return n.arn("sns", *n.of("alerts")) }
func (n *names) stateMachine() *string { return n.arn("states", "stateMachine:"+n.prefix) }

// executions are the runs; the Map's children are not among them.
func (n *names) executions() *string { return n.arn("states", "execution:"+n.prefix+":*") }

// children are the executions that the Map starts, one a user
// (`execution:<state machine>/<map>:<id>`).
func (n *names) children() *string { return n.arn("states", "execution:"+n.prefix+"/*:*") }

func (n *names) bucket(bucket string) *string {
	return jsii.String("arn:" + *n.stack.Partition() + ":s3:::" + bucket)
}

func (n *names) object(bucket, key string) *string { return jsii.String(*n.bucket(bucket) + "/" + key) }

// runsObjects are objects of the runs bucket, by a key that may hold `*`.
func (n *names) runsObjects(key string) []*string { return []*string{n.object(n.runsBucket, key)} }

// parameters are those that sync-user reads: everybody's keys, and what
// SFTPGo's connection refers to.
func (n *names) parameters(settings *Settings) []*string {
	parameters := []*string{
		n.arn("ssm", "parameter"+settings.Parameters.AccessKeyPrefix+"*"),
		n.arn("ssm", "parameter"+settings.Parameters.SecretKeyPrefix+"*"),
	}
	for _, reference := range settings.SFTPGo.references() {
		parameters = append(parameters, n.arn("ssm", "parameter"+reference))
	}
	return parameters
}
