package command

import (
	"testing"

	"github.com/digipres/sync-users/functions/cli/clitest"
)

// The help documents the JSON fields that commands print, no more and no less, in
// all that these tests print.
func TestOutputHelp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		command string
		files   []string
	}{
		{"plan", []string{"plan.json", "plan-alice.json", "plan-without-group.json", "report.json", "report-losses.json"}},
		{"status", []string{"status.json"}},
		{"explain", []string{"explain.json", "explain-keyless.json", "explain-shared.json", "transfer-explain.json"}},
		{"who", []string{"who.json", "access.json"}},
		{"history", []string{"history.json"}},
		{"keys", []string{"keys.json"}},
		{"check", []string{"check.json", "check-failed.json"}},
		{"start", []string{"start.json"}},
		{"trigger", []string{"trigger.json"}},
	}
	for _, tt := range tests {
		t.Run(tt.command, func(t *testing.T) {
			t.Parallel()
			clitest.AssertDocumented(t, outputHelp, tt.command, "sync", tt.files...)
		})
	}
}
