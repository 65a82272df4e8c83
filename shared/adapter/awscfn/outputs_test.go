package awscfn

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeCloudFormation has the outputs of CloudFormation stacks, by the name of the stack.
type fakeCloudFormation map[string]map[string]string

var _ cloudformation.DescribeStacksAPIClient = fakeCloudFormation(nil)

func (f fakeCloudFormation) DescribeStacks(_ context.Context, input *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	if *input.StackName == "denied" {
		return nil, &smithy.GenericAPIError{Code: "AccessDenied", Message: "not authorized to perform: cloudformation:DescribeStacks"}
	}
	outputs, ok := f[*input.StackName]
	if !ok {
		return nil, &smithy.GenericAPIError{Code: "ValidationError", Message: "Stack with id " + *input.StackName + " does not exist"}
	}
	stack := types.Stack{StackName: input.StackName, StackStatus: types.StackStatusCreateComplete}
	for key, value := range outputs {
		stack.Outputs = append(stack.Outputs, types.Output{OutputKey: aws.String(key), OutputValue: aws.String(value)})
	}
	return &cloudformation.DescribeStacksOutput{Stacks: []types.Stack{stack}}, nil
}

func TestReadOutputs(t *testing.T) {
	t.Parallel()
	client := fakeCloudFormation{
		"sync-users": {"StateMachineArn": "arn", "RunsBucketName": "runs", "ManagedBucketName": "managed", "TopicArn": "topic"},
		"transfer": {
			"StateMachineArn": "arn", "RunsBucketName": "runs", "ManagedBucketName": "managed", "TopicArn": "topic",
			"TransferServerId": "s-0123456789abcdef0", "SessionPolicy": "false", "AccountTag": "SftpName", "MaxLosses": "20",
		},
		"other": {"Url": "https://example.org"},
	}
	outputs, err := ReadOutputs(t.Context(), client, "sync-users")
	assert.NoError(t, err)
	assert.Equal(t, Outputs{StateMachineARN: "arn", RunsBucket: "runs", ManagedBucket: "managed", TopicARN: "topic", SessionPolicy: true}, outputs)
	outputs, err = ReadOutputs(t.Context(), client, "transfer")
	assert.NoError(t, err)
	assert.Equal(t, Outputs{
		StateMachineARN: "arn", RunsBucket: "runs", ManagedBucket: "managed", TopicARN: "topic", TransferServerID: "s-0123456789abcdef0", AccountTag: "SftpName", MaxLosses: aws.Int(20),
	}, outputs)

	_, err = ReadOutputs(t.Context(), client, "nothing")
	assert.ErrorIs(t, err, ErrNoStack)
	_, err = ReadOutputs(t.Context(), client, "other")
	assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
	_, err = ReadOutputs(t.Context(), client, "denied")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
}

func TestReadSendFiles(t *testing.T) {
	t.Parallel()
	client := fakeCloudFormation{
		"send-files": {"StateMachineArn": "arn", "RunsBucketName": "runs", "SourceBucketName": "outgoing", "TopicArn": "topic"},
		"sync-users": {"StateMachineArn": "arn", "RunsBucketName": "runs", "ManagedBucketName": "managed"},
	}
	outputs, err := ReadSendFiles(t.Context(), client, "send-files")
	assert.NoError(t, err)
	assert.Equal(t, SendFiles{StateMachineARN: "arn", RunsBucket: "runs", SourceBucket: "outgoing", TopicARN: "topic"}, outputs)
	_, err = ReadSendFiles(t.Context(), client, "nothing")
	assert.ErrorIs(t, err, ErrNoStack)
	_, err = ReadSendFiles(t.Context(), client, "sync-users")
	assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
	assert.ErrorContains(t, err, "no outputs of send-files")
}
