package awssfn

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

var startDate = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

var stopDate = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// fakeExecutions has the status of executions by ARN. It starts empty.
type fakeExecutions map[string]types.ExecutionStatus

var _ executionsClient = fakeExecutions(nil)

func (f fakeExecutions) ListExecutions(_ context.Context, input *sfn.ListExecutionsInput, _ ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	output := &sfn.ListExecutionsOutput{}
	for arn, status := range f {
		if strings.HasPrefix(arn, strings.Replace(*input.StateMachineArn, ":stateMachine:", ":execution:", 1)+":") && status == input.StatusFilter {
			output.Executions = append(output.Executions, types.ExecutionListItem{ExecutionArn: &arn, Status: status, StartDate: &startDate})
		}
	}
	return output, nil
}

func (f fakeExecutions) DescribeExecution(_ context.Context, input *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	if !strings.HasPrefix(*input.ExecutionArn, "arn:") {
		return nil, &types.InvalidArn{}
	}
	status, ok := f[*input.ExecutionArn]
	if !ok {
		return nil, &types.ExecutionDoesNotExist{}
	}
	if status == "DENIED" {
		return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized to perform: states:DescribeExecution"}
	}
	return &sfn.DescribeExecutionOutput{ExecutionArn: input.ExecutionArn, Status: status, StopDate: &stopDate}, nil
}

func TestLookup(t *testing.T) {
	t.Parallel()
	executions := Executions{client: fakeExecutions{"arn:one": types.ExecutionStatusTimedOut}}
	execution, found, err := executions.Lookup(t.Context(), "arn:one")
	assert.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, run.Execution{ARN: "arn:one", Status: run.StatusTimedOut, EndedAt: stopDate}, execution)
	for _, arn := range []string{"arn:forgotten", "not an ARN"} {
		_, found, err := executions.Lookup(t.Context(), arn)
		assert.NoError(t, err)
		assert.False(t, found, arn)
	}
}

// A Catch writes the error that a run was superseded with as the run's output.
func TestCaughtError(t *testing.T) {
	t.Parallel()
	name, cause := caughtError(`{"Error":"Superseded","Cause":"{}"}`)
	assert.Equal(t, []string{"Superseded", "{}"}, []string{name, cause})
	for _, output := range []string{`{"execution":"one","totals":{"failed":0}}`, `[]`, ``} {
		name, cause := caughtError(output)
		assert.Empty(t, name+cause, output)
	}
}

func TestRunningListsTheExecutionsOfTheStateMachine(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:states:us-east-1:123456789012:execution:sync-users:"
	running, err := Executions{client: fakeExecutions{
		arn + "one": types.ExecutionStatusRunning, arn + "old": types.ExecutionStatusFailed,
		"arn:aws:states:us-east-1:123456789012:execution:other:two": types.ExecutionStatusRunning,
	}}.Running(t.Context(), arn+"one")
	assert.NoError(t, err)
	assert.Equal(t, []run.Execution{{ARN: arn + "one", Status: run.StatusRunning, StartedAt: startDate}}, running)
}

func TestLookupReportsAccessDenied(t *testing.T) {
	t.Parallel()
	_, _, err := Executions{client: fakeExecutions{"arn:one": "DENIED"}}.Lookup(t.Context(), "arn:one")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	assert.ErrorContains(t, err, "states:DescribeExecution")
}
