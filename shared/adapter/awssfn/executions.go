// Package awssfn starts and watches executions in AWS Step Functions.
package awssfn

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Executions looks up executions of any state machine.
type Executions struct {
	client executionsClient
}

type executionsClient interface {
	sfn.ListExecutionsAPIClient
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
}

var _ discover.Executions = Executions{}

// NewExecutions makes an Executions for the account and region of the configuration.
func NewExecutions(cfg aws.Config) Executions {
	return Executions{client: sfn.NewFromConfig(cfg)}
}

// Lookup returns the execution of that ARN. It is not found if the ARN is not valid, or
// if Step Functions does not know it yet or any more: it deletes executions 90 days after
// their end (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
func (e Executions) Lookup(ctx context.Context, arn string) (execution run.Execution, found bool, err error) {
	described, err := e.client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if awsapi.Is(err, "ExecutionDoesNotExist", "InvalidArn") {
		return execution, false, nil
	}
	if err != nil {
		return execution, false, awsapi.Classify(err)
	}
	execution = run.Execution{
		Name: aws.ToString(described.Name), ARN: aws.ToString(described.ExecutionArn), Status: status(described.Status),
		StartedAt: aws.ToTime(described.StartDate), EndedAt: aws.ToTime(described.StopDate),
		Input: aws.ToString(described.Input), Error: aws.ToString(described.Error), Cause: aws.ToString(described.Cause),
	}
	if execution.Status == run.StatusSucceeded {
		execution.Error, execution.Cause = caughtError(aws.ToString(described.Output))
	}
	return execution, true, nil
}

// maxListed is the most executions that a page has
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html).
const maxListed = 1000

// Running returns the running executions of the same state machine, newest first: up to
// 1,000, which is far more than wait for one another.
func (e Executions) Running(ctx context.Context, arn string) ([]run.Execution, error) {
	stateMachine := strings.Replace(arn[:max(0, strings.LastIndex(arn, ":"))], ":execution:", ":stateMachine:", 1)
	page, err := e.client.ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: &stateMachine, StatusFilter: types.ExecutionStatusRunning, MaxResults: maxListed,
	})
	if err != nil {
		return nil, awsapi.Classify(err)
	}
	return listed(page), nil
}

// listed returns the executions of a page.
func listed(page *sfn.ListExecutionsOutput) []run.Execution {
	executions := make([]run.Execution, 0, len(page.Executions))
	for _, e := range page.Executions {
		executions = append(executions, run.Execution{
			Name: aws.ToString(e.Name), ARN: aws.ToString(e.ExecutionArn), Status: status(e.Status),
			StartedAt: aws.ToTime(e.StartDate), EndedAt: aws.ToTime(e.StopDate),
		})
	}
	return executions
}

// caughtError returns the error that is the output of a superseded run, as a Catch
// writes it; empty for any other output.
func caughtError(output string) (name, cause string) {
	var caught struct{ Error, Cause string }
	if json.Unmarshal([]byte(output), &caught) != nil {
		return "", ""
	}
	return caught.Error, caught.Cause
}
