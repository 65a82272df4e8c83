// Package awssfn starts and watches executions in AWS Step Functions.
package awssfn

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

// Executions looks up executions of any state machine.
type Executions struct {
	client executionsClient
}

type executionsClient interface {
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
}

var _ runlock.Executions = Executions{}

// NewExecutions makes an Executions for the account and region of the configuration.
func NewExecutions(cfg aws.Config) Executions {
	return Executions{client: sfn.NewFromConfig(cfg)}
}

// Running returns whether the execution of that ARN is running, or is about to run
// again after a redrive. It returns false for an ARN that is not valid or that Step
// Functions does not know: it deletes executions 90 days after their end
// (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
func (e Executions) Running(ctx context.Context, arn string) (bool, error) {
	execution, found, err := describe(ctx, e.client, arn)
	if err != nil || !found {
		return false, err
	}
	return execution.Status == types.ExecutionStatusRunning || execution.Status == types.ExecutionStatusPendingRedrive, nil
}

// describe returns found as false if there is no execution of that ARN.
func describe(ctx context.Context, client executionsClient, arn string) (execution *sfn.DescribeExecutionOutput, found bool, err error) {
	execution, err = client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	var unknown *types.ExecutionDoesNotExist
	var invalid *types.InvalidArn
	if errors.As(err, &unknown) || errors.As(err, &invalid) {
		return nil, false, nil
	}
	return execution, err == nil, awsapi.Classify(err)
}
