package awslambda

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeFunctions has the environment of functions by name.
type fakeFunctions map[string]*types.EnvironmentResponse

var _ functionsClient = fakeFunctions(nil)

func (f fakeFunctions) GetFunctionConfiguration(_ context.Context, input *lambda.GetFunctionConfigurationInput, _ ...func(*lambda.Options)) (*lambda.GetFunctionConfigurationOutput, error) {
	environment, ok := f[*input.FunctionName]
	if !ok {
		return nil, &types.ResourceNotFoundException{}
	}
	return &lambda.GetFunctionConfigurationOutput{Environment: environment}, nil
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	functions := fakeFunctions{"full": {Variables: map[string]string{"SSH_PORT": "22"}}, "empty": nil}
	got, err := Environment(t.Context(), functions, "full")
	require.NoError(t, err)
	assert.Equal(t, []string{"SSH_PORT=22"}, got)
	got, err = Environment(t.Context(), functions, "empty")
	require.NoError(t, err)
	assert.Empty(t, got)
	_, err = Environment(t.Context(), functions, "absent")
	assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
	assert.ErrorContains(t, err, "absent")
}
