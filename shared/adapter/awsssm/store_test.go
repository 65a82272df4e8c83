package awsssm

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// fakeStore is a Parameter Store. It starts empty.
type fakeStore struct {
	values map[string]string
	// refuse is the error of every call.
	refuse error
	calls  int
}

var _ parametersClient = (*fakeStore)(nil)

func newFakeStore(values map[string]string) *fakeStore { return &fakeStore{values: values} }

func (f *fakeStore) GetParameters(_ context.Context, input *ssm.GetParametersInput, _ ...func(*ssm.Options)) (*ssm.GetParametersOutput, error) {
	f.calls++
	if f.refuse != nil {
		return nil, f.refuse
	}
	if !aws.ToBool(input.WithDecryption) {
		return nil, errors.New("a secret has to be decrypted")
	}
	output := &ssm.GetParametersOutput{}
	for _, name := range input.Names {
		if value, ok := f.values[name]; ok {
			// Like the real one, in an order of its own.
			output.Parameters = append([]types.Parameter{{Name: &name, Value: &value}}, output.Parameters...)
		} else {
			output.InvalidParameters = append(output.InvalidParameters, name)
		}
	}
	return output, nil
}
