// Package awscfn reads the outputs of AWS CloudFormation stacks.
package awscfn

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// ErrNoStack means that this account and region have no CloudFormation stack of
// that name.
var ErrNoStack = errors.New("no such CloudFormation stack")

// Outputs are the outputs of the CloudFormation stack of a sync-users deployment.
type Outputs struct {
	StateMachineARN string
	RunsBucket      string
	ManagedBucket   string
	TopicARN        string
	// TransferServerID is the id of the AWS Transfer Family server (TransferServerId);
	// empty for a deployment with SFTPGo.
	TransferServerID string
	// SessionPolicy is false if the deployment leaves to roles what users may do
	// (SessionPolicy is "false").
	SessionPolicy bool
	// AccountTag is the tag that names people's accounts; empty if that is not known.
	AccountTag string
	// MaxLosses is how many people a run may take access from; nil for the default.
	MaxLosses *int
}

// ReadOutputs reads the outputs of the CloudFormation stack of that name. It returns
// ErrNoStack if there is none, and Misconfigured if it is no deployment of sync-users.
func ReadOutputs(ctx context.Context, client cloudformation.DescribeStacksAPIClient, stackName string) (Outputs, error) {
	values, status, err := readValues(ctx, client, stackName)
	if err != nil {
		return Outputs{}, err
	}
	outputs := Outputs{
		StateMachineARN: values["StateMachineArn"],
		RunsBucket:      values["RunsBucketName"],
		ManagedBucket:   values["ManagedBucketName"],
		TopicARN:        values["TopicArn"],

		TransferServerID: values["TransferServerId"],
		SessionPolicy:    values["SessionPolicy"] != "false",
		AccountTag:       values["AccountTag"],
	}
	if n, err := strconv.Atoi(values["MaxLosses"]); err == nil {
		outputs.MaxLosses = &n
	}
	if outputs.StateMachineARN == "" || outputs.RunsBucket == "" || outputs.ManagedBucket == "" {
		return Outputs{}, errkind.Errorf(errkind.Misconfigured,
			"the CloudFormation stack %s is %s and has no outputs of sync-users", stackName, status)
	}
	return outputs, nil
}

// SendFiles are the outputs of the CloudFormation stack of a send-files deployment.
type SendFiles struct {
	StateMachineARN, RunsBucket, SourceBucket, TopicARN string
}

// ReadSendFiles reads the outputs of the CloudFormation stack of that name. It returns
// ErrNoStack if there is none, and Misconfigured if it is no deployment of send-files.
func ReadSendFiles(ctx context.Context, client cloudformation.DescribeStacksAPIClient, stackName string) (SendFiles, error) {
	values, status, err := readValues(ctx, client, stackName)
	if err != nil {
		return SendFiles{}, err
	}
	outputs := SendFiles{
		StateMachineARN: values["StateMachineArn"], RunsBucket: values["RunsBucketName"],
		SourceBucket: values["SourceBucketName"], TopicARN: values["TopicArn"],
	}
	if outputs.StateMachineARN == "" || outputs.RunsBucket == "" || outputs.SourceBucket == "" {
		return SendFiles{}, errkind.Errorf(errkind.Misconfigured,
			"the CloudFormation stack %s is %s and has no outputs of send-files", stackName, status)
	}
	return outputs, nil
}

// readValues returns the outputs by their names, and the stack's status.
func readValues(ctx context.Context, client cloudformation.DescribeStacksAPIClient, stackName string) (map[string]string, types.StackStatus, error) {
	described, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stackName})
	switch {
	// ValidationError is the code of every invalid request, so the message decides.
	case awsapi.Is(err, "ValidationError") && strings.Contains(err.Error(), "does not exist"), err == nil && len(described.Stacks) == 0:
		return nil, "", ErrNoStack
	case err != nil:
		return nil, "", awsapi.Classify(err)
	}
	values := map[string]string{}
	for _, output := range described.Stacks[0].Outputs {
		values[aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
	}
	return values, described.Stacks[0].StackStatus, nil
}
