package awssfn

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeExecutions has the status of executions by ARN. It starts empty.
type fakeExecutions map[string]types.ExecutionStatus

var _ executionsClient = fakeExecutions(nil)

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
	return &sfn.DescribeExecutionOutput{Status: status}, nil
}

func TestRunningFollowsTheStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give types.ExecutionStatus
		want bool
	}{
		{"running", types.ExecutionStatusRunning, true},
		{"waiting to be redriven", types.ExecutionStatusPendingRedrive, true},
		{"succeeded", types.ExecutionStatusSucceeded, false},
		{"failed", types.ExecutionStatusFailed, false},
		{"timed out", types.ExecutionStatusTimedOut, false},
		{"aborted", types.ExecutionStatusAborted, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			running, err := Executions{client: fakeExecutions{"arn:one": tt.give}}.Running(t.Context(), "arn:one")
			assert.NoError(t, err)
			assert.Equal(t, tt.want, running)
		})
	}
}

func TestUnknownExecutionIsNotRunning(t *testing.T) {
	t.Parallel()
	for _, execution := range []string{"arn:forgotten", "not an ARN"} {
		t.Run(execution, func(t *testing.T) {
			t.Parallel()
			running, err := Executions{client: fakeExecutions{}}.Running(t.Context(), execution)
			assert.NoError(t, err)
			assert.False(t, running)
		})
	}
}

func TestRunningReportsAccessDenied(t *testing.T) {
	t.Parallel()
	_, err := Executions{client: fakeExecutions{"arn:one": "DENIED"}}.Running(t.Context(), "arn:one")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	assert.ErrorContains(t, err, "states:DescribeExecution")
}
