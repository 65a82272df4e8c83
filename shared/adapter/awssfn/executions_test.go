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

var stopDate = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

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

func TestLookupReportsAccessDenied(t *testing.T) {
	t.Parallel()
	_, _, err := Executions{client: fakeExecutions{"arn:one": "DENIED"}}.Lookup(t.Context(), "arn:one")
	assert.Equal(t, errkind.AccessDenied, errkind.Of(err))
	assert.ErrorContains(t, err, "states:DescribeExecution")
}
