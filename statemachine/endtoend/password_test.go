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
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// A running function has read SFTPGo's password at its start, and needs the
// current one when its token ends.
func TestChangedPasswordIsReadAgain(t *testing.T) {
	resetFixtures(t, newUser("alice", devUsers))
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	changePassword(t, cloud.SFTPGoPassword, "another password")
	t.Cleanup(func() { changePassword(t, "another password", cloud.SFTPGoPassword) })
	cloud.SFTPGo.Reset()
	cloud.SFTPGo.Inject(sftpgo.Fault{Path: "/api/v2/users/{name}", Times: 1, Status: http.StatusUnauthorized, Body: `{"message":"Unauthorized"}`})

	e := startRun(t, `{}`)

	requireSucceeded(t, e, pathSucceeded)
	assert.Equal(t, run.Unchanged, readReport(t, e)["alice"].Outcome)
	assert.Equal(t, 2, cloud.SFTPGo.Calls()[sftpgo.Route{Method: http.MethodGet, Path: "/api/v2/token"}], "the old password was refused once")
}

// changePassword changes the administrator's password in SFTPGo and in Parameter
// Store.
func changePassword(t *testing.T, from, to string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	admin := fixture.NewSFTPGo(cloud.SFTPGo.DirectURL, cloud.SFTPGoUsername, from)
	require.NoError(t, admin.Do(ctx, http.MethodPut, "/api/v2/admin/changepwd", fixture.Document{"current_password": from, "new_password": to}, nil))
	fixtures.SFTPGo = fixture.NewSFTPGo(cloud.SFTPGo.DirectURL, cloud.SFTPGoUsername, to)
	_, err := ssm.NewFromConfig(cloud.AWS()).PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String("/sftpgo/password"), Value: &to, Overwrite: aws.Bool(true),
	})
	require.NoError(t, err)
}
