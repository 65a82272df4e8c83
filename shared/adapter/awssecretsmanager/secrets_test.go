package awssecretsmanager

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeSecrets are secrets by id.
type fakeSecrets map[string]string

var _ secretsClient = fakeSecrets(nil)

func (f fakeSecrets) GetSecretValue(_ context.Context, input *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	if *input.SecretId == "denied" {
		return nil, &smithy.GenericAPIError{Code: "AccessDeniedException"}
	}
	text, ok := f[*input.SecretId]
	if !ok {
		return nil, &types.ResourceNotFoundException{}
	}
	if *input.SecretId == "binary" {
		return &secretsmanager.GetSecretValueOutput{SecretBinary: []byte(text)}, nil
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: &text}, nil
}

func TestResolveReadsTheSecret(t *testing.T) {
	t.Parallel()
	secrets := Secrets{client: fakeSecrets{
		"partner/password": "s3cr3t\n", "partner": `{"Password":"p","Port":22}`, "binary": "key", "blank": " \n",
		"arn:aws:secretsmanager:us-east-1:123456789012:secret:partner-AbCdEf": "by ARN",
	}}
	tests := []struct {
		name, give, want string
		kind             errkind.Kind
	}{
		{name: "no reference", give: "ssm:/x", want: "ssm:/x"},
		{name: "a text", give: "secretsmanager:partner/password", want: "s3cr3t"},
		{name: "an ARN", give: "secretsmanager:arn:aws:secretsmanager:us-east-1:123456789012:secret:partner-AbCdEf", want: "by ARN"},
		{name: "a field", give: "secretsmanager:partner#Password", want: "p"},
		{name: "binary", give: "secretsmanager:binary", want: "key"},
		{name: "missing", give: "secretsmanager:none", kind: errkind.Misconfigured},
		{name: "a missing field", give: "secretsmanager:partner#None", kind: errkind.Misconfigured},
		{name: "a field that is no text", give: "secretsmanager:partner#Port", kind: errkind.Misconfigured},
		{name: "no JSON", give: "secretsmanager:binary#x", kind: errkind.Misconfigured},
		{name: "blank", give: "secretsmanager:blank", kind: errkind.Misconfigured},
		{name: "no name", give: "secretsmanager:", kind: errkind.Misconfigured},
		{name: "no field's name", give: "secretsmanager:partner#", kind: errkind.Misconfigured},
		{name: "denied", give: "secretsmanager:denied", kind: errkind.AccessDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := secrets.Resolve(t.Context(), "SSH_PASSWORD", tt.give)
			if tt.kind != "" {
				assert.Equal(t, tt.kind, errkind.Of(err))
				assert.ErrorContains(t, err, "SSH_PASSWORD")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}
