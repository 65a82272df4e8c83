package command

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/summarize"
)

// addRuns adds runs of every kind.
func addRuns(f *fixture) {
	d := f.deployment
	at := func(minute int) time.Time { return time.Date(2000, 1, 1, 0, minute, 0, 0, time.UTC) }
	d.executions = []run.Execution{
		{Name: "now", ARN: "arn:now", Status: run.StatusRunning, StartedAt: at(50)},
		{Name: "broken", ARN: "arn:broken", Status: run.StatusFailed, StartedAt: at(40), EndedAt: at(41), Error: "IncompleteReading", Cause: "IAM shows no user at all"},
		{Name: "some", ARN: "arn:some", Status: run.StatusFailed, StartedAt: at(20), EndedAt: at(21)},
		{Name: "dry", ARN: "arn:dry", Status: run.StatusSucceeded, StartedAt: at(10), EndedAt: at(10).Add(1300 * time.Millisecond)},
	}
	d.polls = 3
	d.executions = slices.Insert(d.executions, 1, run.Execution{
		Name: "waited", ARN: "arn:waited", Status: run.StatusSucceeded, StartedAt: at(45), EndedAt: at(49), Error: "Superseded",
		Cause: `{"errorType":"Superseded","errorMessage":"a newer run does the same: now"}`,
	})
	for minute, name := range map[int]string{5: "changes-nobody", 6: "changes-one"} {
		d.executions = append(d.executions, run.Execution{
			Name: name, ARN: "arn:" + name, Status: run.StatusSucceeded, StartedAt: at(minute), EndedAt: at(minute).Add(time.Second),
		})
	}
	record := func(name string, report run.Report) {
		report.Execution, report.Totals = name, run.Count(report.Results)
		for _, e := range d.executions {
			if e.Name == name {
				report.StartedAt, report.EndedAt = e.StartedAt, e.EndedAt
			}
		}
		if name == "dry" { // An earlier version left only this.
			_, _ = d.Save(context.Background(), run.ReportKey(name), report)
			return
		}
		_, _, _ = summarize.Save(context.Background(), d, report, run.Installation{CloudFormationStack: "sync-users", RunsBucket: "runs"})
	}
	record("some", run.Report{Results: exampleReport.Results})
	record("dry", run.Report{Results: exampleReport.Results[:1], Summary: run.Summary{DryRun: true, Username: "alice"}})
	record(syncName, run.Report{Results: exampleReport.Results[:1], Summary: run.Summary{StartedAt: at(30), EndedAt: at(31)}})
	record("changes-one", run.Report{Results: exampleReport.Results[:1], Summary: run.Summary{ChangedOnly: true}})
}

func TestStatus(t *testing.T) {
	t.Parallel()
	golden(t, "status.txt", runCommand(t, addRuns, "status").out)
	golden(t, "status.csv", runCommand(t, addRuns, "status", "-o", "csv").out)
	got := runCommand(t, addRuns, "status", "-o", "json")
	golden(t, "status.json", got.out)
	var names []string
	for _, p := range decoded[[]runs.Run](t, got.out) {
		names = append(names, p.Run)
	}
	assert.Equal(t, []string{"now", "waited", "broken", syncName, "some", "dry", "changes-one"}, names)

	assert.Equal(t, 2, strings.Count(runCommand(t, addRuns, "status", "-n", "2", "-o", "csv").out, "workflow"))
	assert.Equal(t, "There was no run yet.\n", runCommand(t, nil, "status").out)
	assert.Equal(t, "[]\n", runCommand(t, nil, "status", "-o", "json").out)
}

// A report of 5,000 users, the most that an account can have, takes more than a
// megabyte: only the command report reads one.
func TestWhatIsReadOfRuns(t *testing.T) {
	t.Parallel()
	const runs, users, summarySize = 10, 5000, 1 << 10
	f := newFixture()
	for i := range runs {
		name := fmt.Sprintf("start-200001%02dT000000Z-jane-abcdef", i+1)
		at := time.Date(2000, 1, i+1, 0, 0, 0, 0, time.UTC)
		f.deployment.executions = slices.Insert(f.deployment.executions, 0, run.Execution{
			Name: name, ARN: "arn:" + name, Status: run.StatusSucceeded, StartedAt: at, EndedAt: at.Add(time.Minute),
		})
		report := run.Report{Summary: run.Summary{Execution: name, Totals: run.Totals{Users: users, Updated: users}}}
		for u := range users {
			report.Results = append(report.Results, run.Result{
				Username: fmt.Sprintf("user%d", u), Email: fmt.Sprintf("user%d@example.org", u), Outcome: run.Updated,
				Reason: "2 buckets added", Buckets: f.buckets[:2], Added: f.buckets[:2],
			})
		}
		for key, value := range map[string]any{run.ReportKey(name): report, run.SummaryKey(name): report.Summary} {
			_, err := f.deployment.Save(t.Context(), key, value)
			require.NoError(t, err)
		}
	}
	tests := []struct {
		name      string
		give      []string
		wantLoads int
		wantBytes int // at most
	}{
		{"status", []string{"status"}, runs, runs * summarySize},
		{"status of a few", []string{"status", "--limit", "3"}, 3, 3 * summarySize},
		{"TAB", []string{"__complete", "report", ""}, 0, 0},
		{"a report", []string{"report", f.deployment.executions[0].Name}, 1, 2 << 20},
		{"the last report", []string{"report"}, runs + 1, 2 << 20},
	}
	for _, tt := range tests { // not parallel, because they count in one deployment
		t.Run(tt.name, func(t *testing.T) {
			f.deployment.loads, f.deployment.loadedBytes = 0, 0
			got := f.run(t.Context(), tt.give...)
			assert.Equal(t, success, got.code, got.err)
			assert.Contains(t, got.out, f.deployment.executions[0].Name)
			assert.Equal(t, tt.wantLoads, f.deployment.loads)
			assert.LessOrEqual(t, f.deployment.loadedBytes, tt.wantBytes)
		})
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	golden(t, "report.txt", runCommand(t, addRuns, "report", "some").out)
	golden(t, "report.json", runCommand(t, addRuns, "report", "some", "-o", "json").out)
	golden(t, "report-failed.txt", runCommand(t, addRuns, "report", "some", "--failed").out)

	tests := []struct {
		name string
		give []string
		want string
	}{
		{"of a run that has not ended", []string{"now"}, "the run now has not ended"},
		{"of a run that failed early", []string{"broken"}, "IAM shows no user at all"},
		{"of an unknown run", []string{"nothing"}, `there is no run "nothing"`},
		{"the last one failed early", []string{"--last"}, "the run broken failed"},
		{"both", []string{"--last", "some"}, "either --last or"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, addRuns, append([]string{"report"}, tt.give...)...)
			assert.Equal(t, failure, got.code)
			assert.Empty(t, got.out)
			assert.Contains(t, got.err, tt.want)
		})
	}
	assert.Contains(t, runCommand(t, nil, "report").err, "no run has ended yet")
	assert.Contains(t, runCommand(t, func(f *fixture) {
		addRuns(f)
		f.deployment.executions[1].Error = "" // Retention deleted its report.
	}, "report", "waited").err, "is gone")

	assert.Contains(t, runCommand(t, func(f *fixture) {
		f.deployment.lockOwner = "lease:" + syncName + ":" + time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
		f.deployment.lockVersion, f.deployment.lockedAt = 1, time.Now()
	}, "report", syncName).err, "the run "+syncName+" has not ended")

	// The last one is that which ended last, and not that which started last. One that was
	// superseded did nothing.
	got := runCommand(t, func(f *fixture) {
		addRuns(f)
		f.deployment.executions[3].EndedAt = time.Date(2000, 1, 1, 0, 44, 0, 0, time.UTC)
	}, "report", "-o", "csv")
	assert.Equal(t, "The run that ended last: some\n", got.err)
	assert.Contains(t, got.out, "carol")
}
