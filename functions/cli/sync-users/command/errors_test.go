package command

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Every error is one paragraph with a hint, and leaves standard output empty.
func TestErrors(t *testing.T) {
	t.Parallel()
	denied := errkind.Errorf(errkind.AccessDenied, "AccessDenied (HTTP 403)")
	tests := []struct {
		name, give string
		prepare    func(*fixture)
		want       string
	}{
		{"no such command", "plam", nil, `there is no command "plam"; did you mean plan? ` + "`sync-users --help`"},
		{"no such command at all", "xyzzy", nil, `there is no command "xyzzy". `},
		{"no such flag", "plan --nix", nil, "unknown flag: --nix. `sync-users plan --help`"},
		{"a flag without its value", "plan --username", nil, "`sync-users plan --help`"},
		{"an argument too many", "plan alice", nil, `unexpected argument "alice"`},
		{"an unknown format", "plan -o xml", nil, "one of table, json, csv"},
		{"an unknown level", "plan --log-level loud", nil, "one of error, warn, info, debug"},
		{"no concurrency", "plan --concurrency 0", nil, "--concurrency is 0"},
		{"no runs", "status --limit 0", nil, "--limit is 0"},
		{"no user to explain", "explain", nil, "is missing"},
		{"no bucket to ask about", "who", nil, "the name of the bucket is missing. `sync-users who --help`"},
		{"unknown bucket", "who digipres-dev1-dtaa", nil, `no stack has a bucket "digipres-dev1-dtaa" in this AWS account, and nobody reaches one of that name; did you mean digipres-dev1-data?`},
		{"a bucket like no other", "who x", nil, "nobody reaches one of that name."},
		{"an argument too many to access", "access alice", nil, `unexpected argument "alice"`},
		{"no permission to list", "access", func(f *fixture) { f.server.Fault = func(string) error { return denied } }, "read what the SFTP server shows: AccessDenied"},
		{"nobody of that name to have keys", "keys zoe", nil, `there is no IAM user "zoe"`},
		{"no age", "keys --older-than old", nil, "such as 7d or 12h"},
		{"no permission to have a report", "keys", func(f *fixture) { f.errors["report"] = denied }, "read IAM's credential report: AccessDenied"},
		{"no period", "history --since yesterday", nil, "such as 7d or 12h"},
		{"no deployment to ask", "history --stack-name nothing", nil, `no CloudFormation stack "nothing"`},
		{"a group and nobody to leave it", "plan --without-group digipres-dev1-users", nil, "--without-group needs --username"},
		{"no such group", "plan -u alice --without-group digipres-dev1-usrs", nil, "there is no group digipres-dev1-usrs, or nobody is in it; the stack groups of alice are digipres-dev1-power-users, digipres-dev1-users."},
		{"no stack group", "plan -u alice --without-group accounting", nil, `"accounting" is no stack group`},
		{"a group of others", "plan -u alice --without-group digipres-prod-users", nil, "alice is not in the group digipres-prod-users"},
		{"nobody of that name to leave a group", "plan -u zoe --without-group digipres-prod-users", nil, `there is no IAM user "zoe"`},
		{"unknown user", "plan -u zoe", nil, `there is no IAM user "zoe"`},
		{"unknown user to explain", "explain zoe", nil, `there is no IAM user "zoe"`},
		{"a user who is not eligible", "sync --yes -u grace", nil, "grace is not eligible: no stack group"},
		{"no credentials", "plan", func(f *fixture) { f.errors["aws"] = denied }, "`sync-users check`"},
		{"no settings", "plan", func(f *fixture) { f.errors["settings"] = hint.With(errors.New("no SFTPGO_HOST"), connect.SFTPGoHint) }, "Set SFTPGO_HOST"},
		{"SFTPGo is down", "plan", func(f *fixture) { f.errors["sftpgo"] = errkind.Errorf(errkind.Unavailable, "connection refused") }, "https://sftpgo.example.org: connection refused. Check the address"},
		{"no permission to read", "plan", func(f *fixture) { f.errors["view_users"] = denied }, "`sync-users check`"},
		{"no permission to write", "sync --yes", func(f *fixture) { f.errors["manage_folders"] = denied }, "`sync-users check`"},
		{"no permission in IAM", "plan", func(f *fixture) { f.errors["iam"] = denied }, "read IAM users: AccessDenied"},
		{"no permission in SSM", "plan", func(f *fixture) { f.errors["ssm"] = denied }, "read the keys of"},
		{"no users", "plan", func(f *fixture) { f.users = nil }, "Check that --profile and --region"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, tt.prepare, strings.Fields(tt.give)...)
			assert.Equal(t, failure, got.code)
			assert.Empty(t, got.out)
			_, paragraph, ok := strings.Cut(got.err, "Error: ")
			require.True(t, ok, got.err)
			assert.Equal(t, 1, strings.Count(paragraph, "\n"), paragraph)
			assert.Contains(t, paragraph, tt.want)
			assert.True(t, strings.HasSuffix(paragraph, ".\n"), paragraph)
		})
	}
}

// There is a hint for every kind of error.
func TestEveryKindHasAHint(t *testing.T) {
	t.Parallel()
	for _, kind := range errkind.Kinds {
		if kind == errkind.InvalidInput {
			continue // Its text says what is wrong.
		}
		assert.NotEmpty(t, hints[kind], kind)
	}
}

func TestErrorOfManyLines(t *testing.T) {
	t.Parallel()
	got := runCommand(t, func(f *fixture) {
		f.errors["aws"] = errors.Join(errors.New("one\n  thing"), errors.New("another"))
	}, "plan")
	assert.Equal(t, "Error: one; thing; another. "+hints[errkind.Unexpected]+"\n", got.err)
}

// What comes before the first user is retried as the users are: the login, the lists, and
// the permissions.
func TestFirstCallsAreRetried(t *testing.T) {
	t.Parallel()
	tests := []struct {
		command string
		parts   []string
	}{
		{"plan -u alice", []string{"sftpgo", "iam", "s3", "ssm"}},
		{"sync --yes -u alice", []string{"sftpgo", "iam", "s3", "ssm"}},
		{"explain alice", []string{"iam", "s3"}},
		{"who digipres-dev1-data", []string{"iam", "s3"}},
		{"access", []string{"iam", "s3"}},
		{"keys", []string{"iam", "report"}},
	}
	for _, tt := range tests {
		for _, part := range tt.parts {
			t.Run(tt.command+" "+part, func(t *testing.T) {
				t.Parallel()
				for refused, wantFailure := range map[int]bool{2: false, 100: true} {
					got := runCommand(t, func(f *fixture) { f.transient[part] = refused }, strings.Fields(tt.command)...)
					assert.Equal(t, wantFailure, got.code == failure, got.err)
					assert.Contains(t, got.err, "Trying again: ")
					assert.Contains(t, got.err, part+" is unavailable\n")
				}
			})
		}
	}
}
