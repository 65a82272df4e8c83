// Package awscfn reads what a deployed stack says of itself.
package awscfn

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// ErrNoStack means that no stack of that name is deployed in this account and
// region.
var ErrNoStack = errors.New("no such CloudFormation stack")

// Stack is what the outputs of a deployed sync-users stack name.
type Stack struct {
	StateMachineARN string
	RunsBucket      string
	ManagedBucket   string
}

// Stacks reads deployed stacks.
type Stacks struct {
	client cloudformation.DescribeStacksAPIClient
}

// NewStacks reads in the account and region of the configuration.
func NewStacks(cfg aws.Config) Stacks {
	return Stacks{client: cloudformation.NewFromConfig(cfg)}
}

// Stack reads the outputs of the stack of that name. It is ErrNoStack where
// there is none, and Misconfigured where it is no stack of sync-users.
func (s Stacks) Stack(ctx context.Context, name string) (Stack, error) {
	output, err := s.client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if missing(err) {
		return Stack{}, ErrNoStack
	}
	if err != nil {
		return Stack{}, awsapi.Classify(err)
	}
	if len(output.Stacks) == 0 {
		return Stack{}, ErrNoStack
	}
	values := map[string]string{}
	for _, o := range output.Stacks[0].Outputs {
		values[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	stack := Stack{
		StateMachineARN: values["StateMachineArn"],
		RunsBucket:      values["RunsBucketName"],
		ManagedBucket:   values["ManagedBucketName"],
	}
	if stack.StateMachineARN == "" || stack.RunsBucket == "" || stack.ManagedBucket == "" {
		return Stack{}, errkind.Errorf(errkind.Misconfigured,
			"the CloudFormation stack %s is %s and has no outputs of sync-users", name, output.Stacks[0].StackStatus)
	}
	return stack, nil
}

// missing tells a stack that is not there: a ValidationError like any other,
// but for its text.
func missing(err error) bool {
	var answer smithy.APIError
	return errors.As(err, &answer) && answer.ErrorCode() == "ValidationError" &&
		strings.Contains(answer.ErrorMessage(), "does not exist")
}
