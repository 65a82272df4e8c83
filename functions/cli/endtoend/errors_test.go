package endtoend

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// Every error is one paragraph with a hint, on standard error only.
func TestErrors(t *testing.T) {
	newFixture(t, newUser("alice", devUsers), newUser("grace", "accounting"))
	require.NoError(t, fixtures.SFTPGo.Do(t.Context(), http.MethodPost, "/api/v2/admins", fixture.Document{
		"username": "reader", "password": "reads only", "status": 1, "permissions": []string{"view_users"},
	}, nil))
	denying := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>User jane is not authorized to perform: `+
			`iam:GetAccountAuthorizationDetails</Message></Error><RequestId>1</RequestId></ErrorResponse>`)
	}))
	defer denying.Close()
	another := httptest.NewServer(http.NotFoundHandler())
	defer another.Close()
	tests := []struct {
		name, give string
		with       map[string]string
		want       string
	}{
		{"wrong flag", "plan --usrname alice", nil, "unknown flag: --usrname. `sync-users plan --help` shows how it is used."},
		{"wrong command", "snyc", nil, `there is no command "snyc"; did you mean sync?`},
		{"missing credentials", "plan", map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
			"no AWS credentials were found. Name a profile with --profile"},
		{"missing region", "plan", map[string]string{"AWS_REGION": ""}, "no AWS region"},
		{"unknown profile", "plan --profile absent", nil, "absent. Check AWS_PROFILE or --profile"},
		{"missing permission in AWS", "plan", map[string]string{"AWS_ENDPOINT_URL": denying.URL}, "iam:GetAccountAuthorizationDetails"},
		{"missing SFTPGo settings", "plan", map[string]string{"SFTPGO_HOST": ""}, "Set SFTPGO_HOST"},
		{"unreachable SFTPGo", "plan", map[string]string{"SFTPGO_HOST": "http://127.0.0.1:1"}, "connection refused. Check the address"},
		{"a server that is not SFTPGo", "plan", map[string]string{"SFTPGO_HOST": another.URL}, "check SFTPGO_HOST"},
		{"refused login", "sync --yes", map[string]string{"SFTPGO_PASSWORD": "wrong"}, "401 Unauthorized: invalid credentials; check SFTPGO_USERNAME and SFTPGO_PASSWORD"},
		{"missing permission in SFTPGo", "sync --yes", map[string]string{"SFTPGO_USERNAME": "reader", "SFTPGO_PASSWORD": "reads only"},
			"the administrator needs the permissions view_users, edit_users, manage_folders"},
		{"a reference to nothing", "plan", map[string]string{"SFTPGO_PASSWORD": "ssm:/nothing"}, "the parameter /nothing, which is not in Parameter Store"},
		{"a password as a flag", "plan --sftpgo-password hunter2", nil, "every user of this machine can read a command's arguments"},
		{"unknown user", "plan --username zoe", nil, `there is no IAM user "zoe"`},
		{"a user who is not eligible", "sync --yes -u grace", nil, "grace is not eligible: no stack group"},
		{"no terminal to ask on", "sync", nil, "Pass --yes"},
		{"no such CloudFormation stack", "status --stack-name nothing", nil, `no CloudFormation stack "nothing" is deployed`},
		{"no such run", "report nothing", nil, `there is no run "nothing"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := syncUsersWith(t, tt.with, strings.Fields(tt.give)...)
			assert.Equal(t, failure, got.code)
			assert.Empty(t, got.out)
			lines := slices.DeleteFunc(strings.SplitAfter(got.err, "\n"), func(line string) bool { return line == "" || strings.HasPrefix(line, "Trying again: ") })
			assert.Len(t, lines, 1)
			assert.True(t, strings.HasPrefix(lines[0], "Error: "), got.err)
			assert.Contains(t, got.err, tt.want)
			assert.NotContains(t, got.err, "hunter2")
		})
	}
	assert.Empty(t, mapped(t, email("alice")))
}

// A reference to Parameter Store replaces the password, also as a flag.
func TestPasswordFromParameterStore(t *testing.T) {
	newFixture(t, newUser("alice", devUsers))
	for _, flag := range [][]string{nil, {"--sftpgo-password", "ssm:/sftpgo/password"}} {
		with := map[string]string{"SFTPGO_PASSWORD": "ssm:/sftpgo/password"}
		if flag != nil {
			with["SFTPGO_PASSWORD"] = ""
		}
		got := syncUsersWith(t, with, append([]string{"plan"}, flag...)...)
		assert.Equal(t, changes, got.code, got.err)
	}
}

func TestCheckFailures(t *testing.T) {
	newFixture(t, newUser("alice", devUsers))
	got := syncUsersWith(t, map[string]string{"SFTPGO_PASSWORD": "wrong"}, "check")
	assert.Equal(t, failure, got.code)
	assert.Empty(t, got.err)
	assert.Regexp(t, `(?m)^✗  server +.*401.* → Check SFTPGO_HOST`, got.out)
	assert.Regexp(t, `(?m)^✓  state machine`, got.out)
}
