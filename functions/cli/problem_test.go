package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Every error is one paragraph with a remedy, and leaves standard output alone.
func TestErrors(t *testing.T) {
	t.Parallel()
	denied := errkind.Errorf(errkind.AccessDenied, "AccessDenied (HTTP 403)")
	tests := []struct {
		name, give string
		town       func(*town)
		want       string
	}{
		{"no such command", "plam", nil, `there is no command "plam"; did you mean plan? ` + "`sync-users --help`"},
		{"no such command at all", "xyzzy", nil, `there is no command "xyzzy". `},
		{"no such flag", "plan --nix", nil, "unknown flag: --nix. `sync-users plan --help`"},
		{"a flag without its value", "plan --username", nil, "`sync-users plan --help`"},
		{"an argument too many", "plan alice", nil, `unexpected argument "alice"`},
		{"an unknown format", "plan -o xml", nil, "one of table, json, csv"},
		{"an unknown level", "plan --log-level loud", nil, "one of error, warn, info, debug"},
		{"nobody at a time", "plan --concurrency 0", nil, "--concurrency is 0"},
		{"no runs", "status --limit 0", nil, "--limit is 0"},
		{"nobody to explain", "explain", nil, "is missing"},
		{"unknown user", "plan -u zoe", nil, `there is no IAM user "zoe"`},
		{"unknown user to explain", "explain zoe", nil, `there is no IAM user "zoe"`},
		{"a user who is not eligible", "sync --yes -u grace", nil, "grace is not eligible: no stack group"},
		{"no credentials", "plan", func(t *town) { t.errors["aws"] = denied }, "`sync-users check`"},
		{"no settings", "plan", func(t *town) { t.errors["settings"] = mended(errors.New("no SFTPGO_HOST"), setSFTPGo) }, "Set SFTPGO_HOST"},
		{"SFTPGo is down", "plan", func(t *town) { t.errors["sftpgo"] = errkind.Errorf(errkind.Unavailable, "connection refused") }, "https://sftpgo.example.org: connection refused. Check the address"},
		{"no right to read", "plan", func(t *town) { t.errors["view_users"] = denied }, "`sync-users check`"},
		{"no right to write", "sync --yes", func(t *town) { t.errors["manage_folders"] = denied }, "`sync-users check`"},
		{"no permission in IAM", "plan", func(t *town) { t.errors["iam"] = denied }, "read IAM users: AccessDenied"},
		{"no permission in SSM", "plan", func(t *town) { t.errors["ssm"] = denied }, "read the keys of"},
		{"no users", "plan", func(t *town) { t.members = nil }, "Check that --profile and --region"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := inTown(t, tt.town, strings.Fields(tt.give)...)
			assert.Equal(t, failed, got.code)
			assert.Empty(t, got.out)
			_, paragraph, ok := strings.Cut(got.err, "Error: ")
			require.True(t, ok, got.err)
			assert.Equal(t, 1, strings.Count(paragraph, "\n"), paragraph)
			assert.Contains(t, paragraph, tt.want)
			assert.True(t, strings.HasSuffix(paragraph, ".\n"), paragraph)
		})
	}
}

// Whatever kind an error is, there is something to do about it.
func TestEveryKindHasARemedy(t *testing.T) {
	t.Parallel()
	for _, kind := range errkind.Kinds {
		if kind == errkind.InvalidInput {
			continue // Its text says what is wrong.
		}
		assert.NotEmpty(t, mends[kind], kind)
	}
}

func TestExplainErrorOfManyLines(t *testing.T) {
	t.Parallel()
	got := explainError(errors.Join(errors.New("one\n  thing"), errors.New("another")))
	assert.Equal(t, console.Say("one; thing; another. "+mends[errkind.Unexpected]), got[1])
}
