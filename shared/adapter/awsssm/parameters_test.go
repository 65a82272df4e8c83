package awsssm

import (
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

func TestResolveFollowsReferences(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give string
		want string
	}{
		{"a value", "https://sftpgo.example.org", "https://sftpgo.example.org"},
		{"an empty value", "", ""},
		{"a reference", "ssm:/sftpgo/password", "pass word "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := newFakeSSM(map[string]string{"/sftpgo/password": "pass word \n"})
			got, err := Parameters{client: store}.Resolve(t.Context(), "SFTPGO_PASSWORD", tt.give)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestResolveErrorsHaveAKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give string
		err  error
		want errkind.Kind
		text string
	}{
		{"missing", "ssm:/nowhere", nil, errkind.Misconfigured, "SFTPGO_PASSWORD refers to the parameter /nowhere, which is not in Parameter Store"},
		{"blank", "ssm:/blank", nil, errkind.Misconfigured, "SFTPGO_PASSWORD refers to the parameter /blank, which is blank"},
		{"without a name", "ssm:", nil, errkind.Misconfigured, "SFTPGO_PASSWORD"},
		{"throttled", "ssm:/blank", &smithy.GenericAPIError{Code: "ThrottlingException"}, errkind.Throttled, "/blank for SFTPGO_PASSWORD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := newFakeSSM(map[string]string{"/blank": " \n"})
			store.err = tt.err
			_, err := Parameters{client: store}.Resolve(t.Context(), "SFTPGO_PASSWORD", tt.give)
			assert.Equal(t, tt.want, errkind.Of(err))
			assert.ErrorContains(t, err, tt.text)
		})
	}
}
