package awssfn

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

const stateMachineARN = "arn:aws:states:us-east-1:123456789012:stateMachine:sync-users"

// fakeStateMachine is a state machine with its executions, newest last. It starts
// empty.
type fakeStateMachine struct {
	deleting bool
	started  []types.ExecutionListItem
	inputs   []string
	mapRuns  []types.MapRunListItem
	counts   map[string]*types.MapRunItemCounts // by map run
}

var _ workflowClient = (*fakeStateMachine)(nil)

func (f *fakeStateMachine) DescribeStateMachine(context.Context, *sfn.DescribeStateMachineInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error) {
	if f.deleting {
		return &sfn.DescribeStateMachineOutput{Status: types.StateMachineStatusDeleting}, nil
	}
	return &sfn.DescribeStateMachineOutput{Status: types.StateMachineStatusActive}, nil
}

func (f *fakeStateMachine) StartExecution(_ context.Context, input *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	if *input.Name == "denied" {
		return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized to perform: states:StartExecution"}
	}
	arn := "arn:aws:states:us-east-1:123456789012:execution:sync-users:" + *input.Name
	f.started = append(f.started, types.ExecutionListItem{
		Name: input.Name, ExecutionArn: &arn, Status: types.ExecutionStatusRunning, StartDate: aws.Time(time.Unix(int64(len(f.started)), 0)),
	})
	f.inputs = append(f.inputs, *input.Input)
	return &sfn.StartExecutionOutput{ExecutionArn: &arn}, nil
}

// ListExecutions lists two executions a page, newest first.
func (f *fakeStateMachine) ListExecutions(_ context.Context, input *sfn.ListExecutionsInput, _ ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	end := len(f.started)
	if input.NextToken != nil {
		_, _ = fmt.Sscan(*input.NextToken, &end)
	}
	output := &sfn.ListExecutionsOutput{}
	for len(output.Executions) < 2 && end > 0 {
		end--
		output.Executions = append(output.Executions, f.started[end])
	}
	if end > 0 {
		output.NextToken = aws.String(fmt.Sprint(end))
	}
	return output, nil
}

func (f *fakeStateMachine) DescribeExecution(_ context.Context, input *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	for i, e := range f.started {
		if *e.ExecutionArn == *input.ExecutionArn {
			return &sfn.DescribeExecutionOutput{Name: e.Name, ExecutionArn: e.ExecutionArn, Status: e.Status, StartDate: e.StartDate, Input: &f.inputs[i]}, nil
		}
	}
	return nil, &types.ExecutionDoesNotExist{}
}

func (f *fakeStateMachine) ListMapRuns(_ context.Context, input *sfn.ListMapRunsInput, _ ...func(*sfn.Options)) (*sfn.ListMapRunsOutput, error) {
	if *input.ExecutionArn == "unknown" {
		return nil, &types.ExecutionDoesNotExist{}
	}
	return &sfn.ListMapRunsOutput{MapRuns: f.mapRuns}, nil
}

func (f *fakeStateMachine) DescribeMapRun(_ context.Context, input *sfn.DescribeMapRunInput, _ ...func(*sfn.Options)) (*sfn.DescribeMapRunOutput, error) {
	counts, ok := f.counts[*input.MapRunArn]
	if !ok {
		return nil, &types.ResourceNotFound{}
	}
	return &sfn.DescribeMapRunOutput{ItemCounts: counts}, nil
}

func TestCheckActive(t *testing.T) {
	t.Parallel()
	assert.NoError(t, Workflow{client: &fakeStateMachine{}, arn: stateMachineARN}.CheckActive(t.Context()))
	err := Workflow{client: &fakeStateMachine{deleting: true}, arn: stateMachineARN}.CheckActive(t.Context())
	assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
	assert.ErrorContains(t, err, "DELETING")
}

func TestStartedExecutionIsFound(t *testing.T) {
	t.Parallel()
	machine := &fakeStateMachine{}
	workflow := Workflow{client: machine, arn: stateMachineARN}
	arn, err := workflow.Start(t.Context(), "one", map[string]any{"dryRun": true})
	require.NoError(t, err)
	assert.Equal(t, []string{`{"dryRun":true}`}, machine.inputs)

	for _, nameOrARN := range []string{"one", arn} {
		got, err := workflow.Execution(t.Context(), nameOrARN)
		require.NoError(t, err)
		assert.Equal(t, "one", got.Name)
		assert.Equal(t, run.StatusRunning, got.Status)
		assert.Equal(t, `{"dryRun":true}`, got.Input)
		assert.False(t, got.Ended())
	}
	_, err = workflow.Execution(t.Context(), "two")
	assert.Equal(t, errkind.InvalidInput, errkind.Of(err))
	_, err = workflow.Start(t.Context(), "denied", nil)
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
}

func TestLatestReadsSeveralPages(t *testing.T) {
	t.Parallel()
	workflow := Workflow{client: &fakeStateMachine{}, arn: stateMachineARN}
	for _, name := range []string{"a", "b", "c", "d"} {
		_, err := workflow.Start(t.Context(), name, nil)
		require.NoError(t, err)
	}
	for n, want := range map[int]string{1: "d", 3: "dcb", 9: "dcba"} {
		latest, err := workflow.Latest(t.Context(), n, nil)
		require.NoError(t, err)
		got := ""
		for _, e := range latest {
			got += e.Name
		}
		assert.Equal(t, want, got)
	}
}

func TestLatestReadsOnUntilEnoughAreWanted(t *testing.T) {
	t.Parallel()
	workflow := Workflow{client: &fakeStateMachine{}, arn: stateMachineARN}
	for _, name := range []string{"a", "changes-1", "b", "changes-2", "changes-3"} {
		_, err := workflow.Start(t.Context(), name, nil)
		require.NoError(t, err)
	}
	latest, err := workflow.Latest(t.Context(), 2, func(e run.Execution) bool { return len(e.Name) == 1 })
	require.NoError(t, err)
	require.Len(t, latest, 2)
	assert.Equal(t, "b", latest[0].Name)
	assert.Equal(t, "a", latest[1].Name)
}

func TestProgressIsThatOfTheLatestMapRun(t *testing.T) {
	t.Parallel()
	machine := &fakeStateMachine{counts: map[string]*types.MapRunItemCounts{
		"retry": {Total: 10, Pending: 3, Running: 2, Succeeded: 4, Failed: 1},
	}}
	workflow := Workflow{client: machine, arn: stateMachineARN}
	_, ok, err := workflow.Progress(t.Context(), "one")
	require.NoError(t, err)
	assert.False(t, ok, "the Map has not started")

	_, ok, err = workflow.Progress(t.Context(), "unknown")
	require.NoError(t, err)
	assert.False(t, ok, "Step Functions does not know the execution yet")

	machine.mapRuns = []types.MapRunListItem{{MapRunArn: aws.String("unknown")}}
	_, ok, err = workflow.Progress(t.Context(), "one")
	require.NoError(t, err)
	assert.False(t, ok, "or its map run")

	machine.mapRuns = []types.MapRunListItem{
		{MapRunArn: aws.String("first"), StartDate: aws.Time(time.Unix(1, 0))},
		{MapRunArn: aws.String("retry"), StartDate: aws.Time(time.Unix(2, 0))},
	}
	progress, ok, err := workflow.Progress(t.Context(), "one")
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, run.Progress{Total: 10, Pending: 3, Running: 2, Done: 5}, progress)
}
