package command

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/functions/cli/clitest"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

var update = flag.Bool("update", false, "write the output into the golden files and the reference")

func TestMain(m *testing.M) {
	time.Local = time.UTC // Tables show local times.
	os.Exit(m.Run())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	clitest.Golden(t, *update, name, got)
}

func TestReference(t *testing.T) {
	t.Parallel()
	clitest.AssertReference(t, *update, New(&program.Environment{}), "../../REFERENCE-sync-files.md")
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		clitest.AssertHelp(t, cmd)
		got := newFixture().run(t.Context(), append(strings.Fields(cmd.CommandPath())[1:], "--help")...)
		assert.Zero(t, got.code)
		assert.NotEmpty(t, got.out)
		assert.Empty(t, got.err)
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check(New(&program.Environment{}))
}

// The help documents the JSON fields that commands print, no more and no less, in all that
// these tests print.
func TestOutputHelp(t *testing.T) {
	t.Parallel()
	for command, files := range map[string][]string{
		"send plan,": {"plan.json", "plan-named.json", "report.json", "report-failed.json", "report-one.json"}, "send status": {"status.json"}, "send report --day": {"day.json"},
		"check and": {"check.json", "config-check-wrong.json"}, "send run and": {"no-wait.json"},
	} {
		clitest.AssertDocumented(t, outputHelp, command, "failures", files...)
	}
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	tests := []struct{ give, want string }{
		{"send plam", `there is no command "plam"; did you mean plan?`},
		{"send run now", `unexpected argument "now"`},
		{"send run --key a --prefix b", "none of the others can be"},
		{"send plan --key elsewhere/a", `the key "elsewhere/a" is not under "out/"`},
		{"send plan --prefix elsewhere/", `the prefix "elsewhere/" is not under "out/"`},
		{"send status --limit 0", "it must be 1 or more"},
		{"send status --stack-name other", `no CloudFormation stack "other" is deployed`},
		{"send report --day 21.11.2026", "it must be a date such as 2026-11-21"},
		{"send report --day today --open", "--day is a table"},
		{"send report --failed --html x.html", "--failed is for the table"},
		{"send report absent", "`sync-files send status` shows the names"},
		{"send report", "no run has ended with a report yet"},
		{"send report --day 2026-11-21", "no run that had anything to send ended on 2026-11-21"},
		{"check --port 22", "--port is that of --host"},
		{"check --host a --stack-name b", "none of the others can be"},
	}
	for _, tt := range tests {
		t.Run(tt.give, func(t *testing.T) {
			t.Parallel()
			got := newFixture().run(t.Context(), strings.Fields(tt.give)...)
			assert.Equal(t, failure, got.code)
			assert.Empty(t, got.out)
			assert.Contains(t, got.err, tt.want)
			assert.Equal(t, 1, strings.Count(got.err, "\n"), "one paragraph")
		})
	}
}

// Errors of what is called are one paragraph that says what to do.
func TestErrors(t *testing.T) {
	t.Parallel()
	denied := errkind.Errorf(errkind.AccessDenied, "AccessDenied (HTTP 403)")
	for _, part := range []string{"stack", "settings", "alarms", "executions", "list"} {
		got := runCommand(t, func(f *fixture) { f.errors[part] = denied }, "send", "status")
		assert.Equal(t, failure, got.code, part)
		assert.Empty(t, got.out, part)
		assert.Contains(t, got.err, "`sync-files check` says which permission is missing", part)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	f := newFixture()
	ctx, interrupt := context.WithCancel(t.Context())
	f.onStart = interrupt
	got := f.run(ctx, "send", "run")
	assert.Equal(t, interrupted, got.code)
	assert.Equal(t, "Interrupted while a run was being started. `sync-files send status` shows whether it has.\n", got.err)
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.addRun("old", f.reportOf())
	assert.Contains(t, f.run(t.Context(), "__complete", "send", "report", "").out, "old\n")
	assert.Contains(t, f.run(t.Context(), "__complete", "send", "retry", "").out, "old\n")
	assert.Contains(t, f.run(t.Context(), "__complete", "send", "").out, "plan\t")
}
