// Package awssfn asks AWS Step Functions about executions.
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

// Executions tells which executions are going on.
type Executions struct {
	client executionsClient
}

type executionsClient interface {
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
}

var _ runlock.Executions = Executions{}

// NewExecutions asks in the account and region of the configuration.
func NewExecutions(cfg aws.Config) Executions {
	return Executions{client: sfn.NewFromConfig(cfg)}
}

// Running tells whether the execution of that ARN is going on, or waits to go
// on after a redrive. One that Step Functions does not know is not, for it
// forgets them 90 days after their end
// (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html);
// nor is anything that is no ARN.
func (e Executions) Running(ctx context.Context, execution string) (bool, error) {
	output, err := e.client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &execution})
	var unknown *types.ExecutionDoesNotExist
	var invalid *types.InvalidArn
	if errors.As(err, &unknown) || errors.As(err, &invalid) {
		return false, nil
	}
	if err != nil {
		return false, awsapi.Classify(err)
	}
	return output.Status == types.ExecutionStatusRunning || output.Status == types.ExecutionStatusPendingRedrive, nil
}
