package command

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/functions/cli/clitest"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/shared/domain/run"
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

func decoded[T any](t *testing.T, text string) T {
	t.Helper()
	return clitest.Decoded[T](t, text)
}

// outcomes are those of a report, by user.
func outcomes(report run.Report) map[string]run.Outcome {
	byUser := map[string]run.Outcome{}
	for _, r := range report.Results {
		byUser[r.Username] = r.Outcome
	}
	return byUser
}

func TestVersion(t *testing.T) {
	t.Parallel()
	got := newFixture().run(t.Context(), "--version")
	assert.Zero(t, got.code)
	assert.Regexp(t, `^sync-users version .+ \(go1\..+\)\n$`, got.out)
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, cmd := range New(&program.Environment{}).Commands() {
		t.Run(cmd.Name(), func(t *testing.T) {
			t.Parallel()
			clitest.AssertHelp(t, cmd)
			got := newFixture().run(t.Context(), cmd.Name(), "--help")
			assert.Zero(t, got.code)
			assert.NotEmpty(t, got.out)
			assert.Empty(t, got.err)
		})
	}
}

// An interrupted command says that nothing was changed only where that is certain.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		give, want string
	}{
		{"explain alice", "Interrupted; nothing was changed."},
		{"start", "Interrupted while a run was being started. `sync-users status` shows whether it has."},
		{"trigger", "Interrupted while TRIGGER was being uploaded. `sync-users status` shows whether a run has started."},
		{"sync --yes", "Interrupted while the lock was being acquired. No account was changed; if the run has the lock, the next one waits for up to 5m0s."},
	}
	for _, tt := range tests {
		t.Run(tt.give, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			ctx, interrupt := context.WithCancel(t.Context())
			f.deployment.onWrite = interrupt
			f.server.Fault = func(string) error {
				interrupt()
				return ctx.Err()
			}
			got := f.run(ctx, strings.Fields(tt.give)...)
			assert.Equal(t, interrupted, got.code)
			assert.Contains(t, got.err, tt.want+"\n")
			assert.Equal(t, strings.Contains(tt.want, "nothing"), strings.Contains(got.err, "nothing was changed"))
		})
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give []string
		want string
	}{
		{"commands", []string{"pl"}, "plan\t"},
		{"formats", []string{"plan", "--output", ""}, "json\n"},
		{"levels", []string{"--log-level", ""}, "debug\n"},
		{"users", []string{"plan", "--username", ""}, "alice\n"},
		{"users to explain", []string{"explain", ""}, "alice\n"},
		{"users with a history", []string{"history", ""}, "alice\n"},
		{"periods", []string{"history", "--since", ""}, "30d\n"},
		{"groups", []string{"plan", "--without-group", ""}, "digipres-dev1-power-users\n"},
		{"users of keys", []string{"keys", ""}, "alice\n"},
		{"ages", []string{"keys", "--older-than", ""}, "90d\n"},
		{"buckets", []string{"who", ""}, "digipres-dev1-data\n"},
		{"runs", []string{"report", ""}, "old\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			f.deployment.executions = []run.Execution{{Name: "old", ARN: "arn:old", Status: run.StatusSucceeded}}
			got := f.run(t.Context(), append([]string{"__complete"}, tt.give...)...)
			assert.Zero(t, got.code)
			assert.Contains(t, got.out, tt.want)
		})
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		assert.Contains(t, newFixture().run(t.Context(), "completion", shell).out, "sync-users")
	}
}
