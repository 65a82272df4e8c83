package awsiam

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// fakeRolePolicies records the policies, and fails with err unless that is nil.
type fakeRolePolicies struct {
	put []*iam.PutRolePolicyInput
	err error
}

var _ rolePolicyClient = (*fakeRolePolicies)(nil)

func (f *fakeRolePolicies) PutRolePolicy(_ context.Context, input *iam.PutRolePolicyInput, _ ...func(*iam.Options)) (*iam.PutRolePolicyOutput, error) {
	f.put = append(f.put, input)
	return &iam.PutRolePolicyOutput{}, f.err
}

func TestEndSessionsDeniesOlderOnes(t *testing.T) {
	t.Parallel()
	fake := &fakeRolePolicies{}
	now := time.Date(2026, 11, 21, 11, 0, 0, 900_000_000, time.FixedZone("east", 3600))
	sessions := RoleSessions{client: fake, now: func() time.Time { return now }}
	require.NoError(t, sessions.EndSessions(t.Context(), "arn:aws:iam::123456789012:role/sftp/team"))
	require.Len(t, fake.put, 1)
	assert.Equal(t, "team", *fake.put[0].RoleName)
	assert.Equal(t, "sync-users-older-sessions", *fake.put[0].PolicyName)
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],
		"Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-11-21T10:00:02Z"}}}]}`, *fake.put[0].PolicyDocument)
}

func TestEndSessionsErrorsHaveAKindAndARemedy(t *testing.T) {
	t.Parallel()
	const role = "arn:aws:iam::123456789012:role/team"
	tests := []struct {
		name     string
		give     error
		wantKind errkind.Kind
		want     string
	}{
		{"throttled", &smithy.GenericAPIError{Code: "Throttling", Message: "Rate exceeded"}, errkind.Throttled, "Rate exceeded"},
		{"another change", &types.ConcurrentModificationException{}, errkind.Unavailable, "ConcurrentModification"},
		{"IAM failed", &types.ServiceFailureException{}, errkind.Unavailable, "ServiceFailure"},
		{"denied", &smithy.GenericAPIError{Code: "AccessDenied"}, errkind.AccessDenied,
			"this needs iam:PutRolePolicy on the role " + role + ", or endSessions set to false: "},
		{"no role", &types.NoSuchEntityException{}, errkind.Misconfigured, "the role " + role + " does not exist"},
		{"too many policies", &types.LimitExceededException{}, errkind.Misconfigured, "make room for it, or set endSessions to false"},
		{"a role of AWS", &types.UnmodifiableEntityException{}, errkind.Misconfigured, "can't have the inline policy sync-users-older-sessions"},
		{"anything else", &smithy.GenericAPIError{Code: "ValidationError"}, errkind.Unexpected, "ValidationError"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := RoleSessions{client: &fakeRolePolicies{err: tt.give}, now: time.Now}.EndSessions(t.Context(), role)
			assert.Equal(t, tt.wantKind, errkind.Of(err))
			assert.ErrorContains(t, err, tt.want)
		})
	}
}
