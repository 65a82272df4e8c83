package command

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/alarm"
	"github.com/digipres/sync-users/shared/domain/failuremail"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

// withRuns adds runs that ended in different ways, between others that had nothing to do.
func withRuns(f *fixture) {
	f.addRun("first", f.reportOf(f.results()...))
	f.addRun("one", sendrun.Report{Summary: sendrun.Summary{Key: "out/a", DryRun: true}, Results: f.results()[1:2]})
	f.addRun("some", sendrun.Report{Summary: sendrun.Summary{Keys: 2, Error: "HostKeyChanged", Reason: "the server shows another host key"}})
	for i := range 15 {
		f.executions = append([]run.Execution{{Name: fmt.Sprint("quiet", i), ARN: "arn", Status: run.StatusSucceeded, StartedAt: noon, EndedAt: noon}}, f.executions...)
	}
	f.executions = append([]run.Execution{
		{Name: "running", ARN: "arn:running", Status: run.StatusRunning, StartedAt: noon},
		{Name: "stopped", ARN: "arn:stopped", Status: run.StatusAborted, StartedAt: noon, EndedAt: noon.Add(time.Minute), Error: "Aborted", Cause: "stopped by jane"},
	}, f.executions...)
	f.polls = 2
	f.alarms = append(f.alarms, alarm.Alarm{Name: "oldest-unsent", State: alarm.Raised, Since: noon, Description: "An object has waited for 6 hours."})
}

func TestStatus(t *testing.T) {
	t.Parallel()
	got := runCommand(t, withRuns, "send", "status")
	assert.Equal(t, success, got.code, got.err)
	golden(t, "status.txt", got.out)
	golden(t, "status.json", runCommand(t, withRuns, "send", "status", "-o", "json").out)
	golden(t, "status.csv", runCommand(t, withRuns, "send", "status", "-o", "csv").out)
	golden(t, "status-nothing.txt", runCommand(t, func(f *fixture) { f.source = nil }, "send", "status").out)
	assert.NotContains(t, runCommand(t, withRuns, "send", "status", "-n", "2").out, "first")
}

func TestReport(t *testing.T) {
	t.Parallel()
	got := runCommand(t, withRuns, "send", "report", "first")
	assert.Equal(t, success, got.code, got.err)
	golden(t, "report.txt", got.out)
	golden(t, "report.csv", runCommand(t, withRuns, "send", "report", "first", "-o", "csv").out)
	golden(t, "report.json", runCommand(t, withRuns, "send", "report", "first", "-o", "json").out)
	golden(t, "report-failed.json", runCommand(t, withRuns, "send", "report", "some", "-o", "json").out)
	golden(t, "report-one.json", runCommand(t, withRuns, "send", "report", "one", "-o", "json").out)
	golden(t, "report-only-failed.txt", runCommand(t, withRuns, "send", "report", "first", "--failed").out)
	assert.Contains(t, runCommand(t, withRuns, "send", "report").err, "The run that ended last: some\n")
	assert.Contains(t, runCommand(t, withRuns, "send", "report", "running").err, "the run running has not ended.")
	assert.Contains(t, runCommand(t, withRuns, "send", "report", "quiet1").err, "It had nothing to send")
	assert.Contains(t, runCommand(t, withRuns, "send", "report", "stopped").err, "aborted after 1m0s: Aborted: stopped by jane")
}

func TestReportPage(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.html")
	got := runCommand(t, withRuns, "send", "report", "first", "--html", file)
	assert.Equal(t, success, got.code, got.err)
	html, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(html), "<h1>Run first</h1>")
	assert.Contains(t, string(html), "/in/a b.csv")
}

func TestDayReport(t *testing.T) {
	t.Parallel()
	day := func(f *fixture) {
		_, _ = f.Save(t.Context(), sendrun.DayKey(noon), sendrun.Day{
			Date: "2000-01-01", Runs: 3, Totals: sendrun.Totals{Objects: 5, Sent: 4, Failed: 1, Bytes: 1 << 20},
			Failures: map[string]failuremail.Failure{"out/b": {Key: "out/b", Kind: string(sendfile.Failed), Reason: "no space", Execution: "first", At: noon}},
		})
	}
	got := runCommand(t, day, "send", "report", "--day", "today")
	assert.Equal(t, success, got.code, got.err)
	golden(t, "day.txt", got.out)
	golden(t, "day.json", runCommand(t, day, "send", "report", "--day", "2000-01-01", "-o", "json").out)
}
