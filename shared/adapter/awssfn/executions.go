// Package awssfn starts and watches executions in AWS Step Functions.
package awssfn

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/run"
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

// Lookup returns the execution of that ARN. It is not found if the ARN is not valid, or
// if Step Functions does not know it yet or any more: it deletes executions 90 days after
// their end (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
func (e Executions) Lookup(ctx context.Context, arn string) (execution run.Execution, found bool, err error) {
	return describe(ctx, e.client, arn)
}

// describe returns found as false if there is no execution of that ARN.
func describe(ctx context.Context, client executionsClient, arn string) (execution run.Execution, found bool, err error) {
	e, err := client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	var unknown *types.ExecutionDoesNotExist
	var invalid *types.InvalidArn
	if errors.As(err, &unknown) || errors.As(err, &invalid) {
		return run.Execution{}, false, nil
	}
	if err != nil {
		return run.Execution{}, false, awsapi.Classify(err)
	}
	return run.Execution{
		Name: aws.ToString(e.Name), ARN: aws.ToString(e.ExecutionArn), Status: status(e.Status),
		StartedAt: aws.ToTime(e.StartDate), EndedAt: aws.ToTime(e.StopDate),
		Input: aws.ToString(e.Input), Error: aws.ToString(e.Error), Cause: aws.ToString(e.Cause),
	}, true, nil
}
