package transfer

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
)

// All runs here use the deployed roles, so that a missing permission fails them. This
// test shows that it does, by one that is asked for at no request of its own.
func TestMissingPermissionFailsTheUser(t *testing.T) {
	fred := newMember(t, "fred", devUsers)
	function, err := lambda.NewFromConfig(cloud.AWS()).GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String("sync-transfer-users-sync-transfer-user")})
	require.NoError(t, err)
	roles, name := iam.NewFromConfig(cloud.AWS()), roleName(*function.Configuration.Role)
	_, err = roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("denied"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:PassRole","Resource":"*"}]}`)})
	require.NoError(t, err)

	failed := startRun(t, `{"username":"fred"}`).results["fred"]

	_, err = roles.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: &name, PolicyName: aws.String("denied")})
	require.NoError(t, err)
	assert.Equal(t, run.Failed, failed.Outcome)
	assert.Equal(t, "AccessDenied", failed.Error)
	assert.Contains(t, failed.Reason, "is not authorized to perform: iam:PassRole")
	assert.Empty(t, fred.sees(t))
}

func roleName(arn string) string { return arn[len("arn:aws:iam::123456789012:role/"):] }
