package endtoend

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/people"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// A function that is warm still has SFTPGo's old password when somebody has put a
// new one into Parameter Store, and needs it when its token ends.
func TestANewPasswordIsLookedUp(t *testing.T) {
	newTown(t, person("alice", devUsers))
	succeeded(t, start(t, `{}`), wayOfSuccess)
	changePassword(t, cloud.SFTPGoPassword, "another password")
	t.Cleanup(func() { changePassword(t, "another password", cloud.SFTPGoPassword) })
	cloud.SFTPGo.Reset()
	cloud.SFTPGo.Inject(sftpgo.Fault{Path: "/api/v2/users/{name}", Times: 1, Status: http.StatusUnauthorized, Body: `{"message":"Unauthorized"}`})

	e := start(t, `{}`)

	succeeded(t, e, wayOfSuccess)
	assert.Equal(t, run.Unchanged, report(t, e)["alice"].Outcome)
	assert.Equal(t, 2, cloud.SFTPGo.Calls()[sftpgo.Route{Method: http.MethodGet, Path: "/api/v2/token"}], "the old password was refused once")
}

// changePassword changes the administrator's password in SFTPGo and in Parameter
// Store.
func changePassword(t *testing.T, from, to string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	who := people.NewSFTPGo(cloud.SFTPGo.Direct(), cloud.SFTPGoUsername, from)
	require.NoError(t, who.Do(ctx, http.MethodPut, "/api/v2/admin/changepwd", people.Document{"current_password": from, "new_password": to}, nil))
	town.SFTPGo = people.NewSFTPGo(cloud.SFTPGo.Direct(), cloud.SFTPGoUsername, to)
	_, err := ssm.NewFromConfig(cloud.AWS()).PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String("/sftpgo/password"), Value: &to, Overwrite: aws.Bool(true),
	})
	require.NoError(t, err)
}
