package awssfn

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Workflow starts and watches the executions of a state machine.
type Workflow struct {
	client workflowClient
	arn    string
}

type workflowClient interface {
	executionsClient
	sfn.ListMapRunsAPIClient
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
	DescribeMapRun(context.Context, *sfn.DescribeMapRunInput, ...func(*sfn.Options)) (*sfn.DescribeMapRunOutput, error)
	DescribeStateMachine(context.Context, *sfn.DescribeStateMachineInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error)
}

// NewWorkflow makes a Workflow for the state machine of that ARN.
func NewWorkflow(cfg aws.Config, arn string) Workflow {
	return Workflow{client: sfn.NewFromConfig(cfg), arn: arn}
}

// CheckActive returns Misconfigured if the state machine is not active.
func (w Workflow) CheckActive(ctx context.Context) error {
	output, err := w.client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &w.arn})
	if err != nil {
		return awsapi.Classify(err)
	}
	if output.Status != types.StateMachineStatusActive {
		return errkind.Errorf(errkind.Misconfigured, "the state machine %s is %s", w.arn, output.Status)
	}
	return nil
}

// Start starts an execution of that name, with an input that it encodes as JSON, and
// returns the execution's ARN.
func (w Workflow) Start(ctx context.Context, name string, input any) (arn string, err error) {
	text, err := json.Marshal(input)
	if err != nil {
		return "", fmt.Errorf("write the input as JSON: %w", err)
	}
	output, err := w.client.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &w.arn, Name: &name, Input: aws.String(string(text)),
	})
	if err != nil {
		return "", awsapi.Classify(err)
	}
	return aws.ToString(output.ExecutionArn), nil
}

// Latest returns the latest n executions that are wanted, or of all if wanted is nil,
// newest first, without their inputs and errors.
func (w Workflow) Latest(ctx context.Context, n int, wanted func(run.Execution) bool) ([]run.Execution, error) {
	var latest []run.Execution
	pageSize := min(n, maxListed)
	if wanted != nil {
		pageSize = maxListed
	}
	pages := sfn.NewListExecutionsPaginator(w.client, &sfn.ListExecutionsInput{
		StateMachineArn: &w.arn, MaxResults: int32(pageSize),
	})
	for len(latest) < n && pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, awsapi.Classify(err)
		}
		for _, e := range listed(page) {
			if wanted == nil || wanted(e) {
				latest = append(latest, e)
			}
		}
	}
	return latest[:min(n, len(latest))], nil
}

// Execution returns the execution of that name or ARN, or InvalidInput if there is none.
func (w Workflow) Execution(ctx context.Context, nameOrARN string) (run.Execution, error) {
	e, found, err := Executions{w.client}.Lookup(ctx, w.executionARN(nameOrARN))
	if err != nil {
		return run.Execution{}, err
	}
	if !found {
		return run.Execution{}, errkind.Errorf(errkind.InvalidInput, "there is no run %q", nameOrARN)
	}
	return e, nil
}

// executionARN returns the ARN of an execution of the state machine
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html).
func (w Workflow) executionARN(nameOrARN string) string {
	if strings.HasPrefix(nameOrARN, "arn:") {
		return nameOrARN
	}
	return strings.Replace(w.arn, ":stateMachine:", ":execution:", 1) + ":" + nameOrARN
}

// Progress returns the item counts of an execution's map run; ok is false before the
// Map has started, or as long as Step Functions does not know either.
func (w Workflow) Progress(ctx context.Context, arn string) (progress run.Progress, ok bool, err error) {
	listed, err := w.client.ListMapRuns(ctx, &sfn.ListMapRunsInput{ExecutionArn: &arn})
	if awsapi.Is(err, "ExecutionDoesNotExist") || err == nil && len(listed.MapRuns) == 0 {
		return progress, false, nil
	}
	if err != nil {
		return progress, false, awsapi.Classify(err)
	}
	// The state machine has one Map, so later map runs are its retries.
	latest := slices.MaxFunc(listed.MapRuns, func(a, b types.MapRunListItem) int {
		return aws.ToTime(a.StartDate).Compare(aws.ToTime(b.StartDate))
	})
	mapRun, err := w.client.DescribeMapRun(ctx, &sfn.DescribeMapRunInput{MapRunArn: latest.MapRunArn})
	if awsapi.Is(err, "ResourceNotFound") || err == nil && mapRun.ItemCounts == nil {
		return progress, false, nil
	}
	if err != nil {
		return progress, false, awsapi.Classify(err)
	}
	counts := mapRun.ItemCounts
	return run.Progress{
		Total: int(counts.Total), Pending: int(counts.Pending), Running: int(counts.Running),
		Done: int(counts.Total - counts.Pending - counts.Running),
	}, true, nil
}

func status(s types.ExecutionStatus) run.Status { return run.Status(strings.ToLower(string(s))) }
