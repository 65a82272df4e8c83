// Package awsssm reads settings and access keys from AWS Systems Manager Parameter
// Store.
package awsssm

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/settings"
)

// referencePrefix is how a setting begins that refers to a parameter.
const referencePrefix = "ssm:"

// Parameters reads parameters, and decrypts SecureStrings.
type Parameters struct {
	client parametersClient
}

type parametersClient interface {
	GetParameters(context.Context, *ssm.GetParametersInput, ...func(*ssm.Options)) (*ssm.GetParametersOutput, error)
}

var _ settings.Resolver = Parameters{}

// NewParameters makes a Parameters for the account and region of the configuration.
func NewParameters(cfg aws.Config) Parameters {
	return Parameters{client: ssm.NewFromConfig(cfg)}
}

// Resolve returns the value of the parameter that a setting refers to, such as
// `ssm:/sftpgo/password`, and any other value as it is. It removes line breaks at the
// end, because a parameter made from a file has one. It returns Misconfigured if the
// parameter is missing or blank.
func (p Parameters) Resolve(ctx context.Context, setting, value string) (string, error) {
	name, ok := strings.CutPrefix(value, referencePrefix)
	if !ok {
		return value, nil
	}
	if name == "" {
		return "", errkind.Errorf(errkind.Misconfigured, "%s is %q, without a parameter's name", setting, value)
	}
	parameters, err := p.get(ctx, name)
	if err != nil {
		return "", fmt.Errorf("read the parameter %s for %s: %w", name, setting, err)
	}
	if len(parameters) == 0 {
		return "", errkind.Errorf(errkind.Misconfigured,
			"%s refers to the parameter %s, which is not in Parameter Store", setting, name)
	}
	resolved := strings.TrimRight(aws.ToString(parameters[0].Value), "\r\n")
	if strings.TrimSpace(resolved) == "" {
		return "", errkind.Errorf(errkind.Misconfigured, "%s refers to the parameter %s, which is blank", setting, name)
	}
	return resolved, nil
}

// get reads up to ten parameters with one call, and leaves out those that are missing
// (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html).
func (p Parameters) get(ctx context.Context, names ...string) ([]types.Parameter, error) {
	output, err := p.client.GetParameters(ctx, &ssm.GetParametersInput{Names: names, WithDecryption: aws.Bool(true)})
	if err != nil {
		return nil, awsapi.Classify(err)
	}
	return output.Parameters, nil
}
