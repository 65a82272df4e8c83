// Package awslambda reads how AWS Lambda functions are deployed.
package awslambda

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

type functionsClient interface {
	GetFunctionConfiguration(context.Context, *lambda.GetFunctionConfigurationInput, ...func(*lambda.Options)) (*lambda.GetFunctionConfigurationOutput, error)
}

// Environment returns the environment variables of a function in the form of os.Environ, or
// Misconfigured if there is no such function.
func Environment(ctx context.Context, client functionsClient, name string) ([]string, error) {
	configuration, err := client.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
	switch {
	case awsapi.Is(err, "ResourceNotFoundException"):
		return nil, errkind.Errorf(errkind.Misconfigured, "there is no function %s", name)
	case err != nil:
		return nil, awsapi.Classify(err)
	}
	var environment []string
	if configuration.Environment != nil {
		for name, value := range configuration.Environment.Variables {
			environment = append(environment, name+"="+value)
		}
	}
	return environment, nil
}
