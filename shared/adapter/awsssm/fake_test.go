package awsssm

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// fakeSSM is a Parameter Store with values by name.
type fakeSSM struct {
	values map[string]string
	// versions are by name too.
	versions map[string]int64
	// err is the error of every call.
	err   error
	calls int
}

var _ parametersClient = (*fakeSSM)(nil)

func newFakeSSM(values map[string]string) *fakeSSM { return &fakeSSM{values: values} }

func (f *fakeSSM) GetParameters(_ context.Context, input *ssm.GetParametersInput, _ ...func(*ssm.Options)) (*ssm.GetParametersOutput, error) {
	f.calls++
	if f.err != nil {
		return nil, f.err
	}
	if !aws.ToBool(input.WithDecryption) {
		return nil, errors.New("WithDecryption is not set")
	}
	output := &ssm.GetParametersOutput{}
	for _, name := range input.Names {
		if value, ok := f.values[name]; ok {
			// The real one does not keep the order either.
			output.Parameters = append([]types.Parameter{{Name: &name, Value: &value, Version: f.versions[name]}}, output.Parameters...)
		} else {
			output.InvalidParameters = append(output.InvalidParameters, name)
		}
	}
	return output, nil
}
