package command

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/functions/cli/clitest"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	got := runCommand(t, func(f *fixture) { f.errors["login"] = assert.AnError }, "send", "plan")
	assert.Equal(t, failure, got.code, "a name can't be one of a file")
	golden(t, "plan.txt", got.out)
	golden(t, "plan.csv", runCommand(t, nil, "send", "plan", "-o", "csv").out)
	golden(t, "plan.json", runCommand(t, nil, "send", "plan", "-o", "json").out)
	golden(t, "plan-all.txt", runCommand(t, nil, "send", "plan", "--all").out)
	golden(t, "plan-existing.txt", runCommand(t, nil, "send", "plan", "--existing").out)

	named := runCommand(t, nil, "send", "plan", "--key", "out/x.tmp", "--key", "out/a b.csv", "-o", "json")
	assert.Equal(t, changes, named.code)
	golden(t, "plan-named.json", named.out)
	assert.Equal(t, success, runCommand(t, nil, "send", "plan", "--key", "out/old.csv").code)
	assert.Equal(t, changes, runCommand(t, nil, "send", "plan", "--key", "out/old.csv", "--resend").code)
}

// What the manifest has is not looked at.
func TestPlanOfKeptObjects(t *testing.T) {
	t.Parallel()
	kept := func(f *fixture) {
		f.after = "keep"
		f.source, f.sent = f.source[4:5], nil
	}
	got := runCommand(t, kept, "send", "plan", "-o", "json")
	assert.Equal(t, sendfile.Sent, clitest.Decoded[sendrun.Report](t, got.out).Results[0].Outcome)
}

func TestPlanErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, part string
		give       errkind.Kind
		args       []string
		want       string
	}{
		{"no login", "login", errkind.LoginRefused, []string{"--existing"}, "without --existing, the plan does not need it"},
		{"no list", "list", errkind.AccessDenied, nil, "`sync-files check` says which permission is missing"},
		{"other settings", "settings", errkind.Misconfigured, nil, "`sync-files check` looks at each part"},
	}
	for _, tt := range tests {
		got := runCommand(t, func(f *fixture) { f.errors[tt.part] = errkind.Errorf(tt.give, "it failed") }, append([]string{"send", "plan"}, tt.args...)...)
		assert.Equal(t, failure, got.code, tt.name)
		assert.Empty(t, got.out, tt.name)
		assert.Contains(t, got.err, tt.want, tt.name)
	}
}
