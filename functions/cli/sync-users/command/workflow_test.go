package command

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/functions/cli/clitest"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/summarize"
)

// endWith makes executions end with a report.
func endWith(t *testing.T, d *deployment, status run.Status, report run.Report) {
	t.Helper()
	d.onEnd = func(e *run.Execution) {
		e.Status = status
		report.Execution, report.StartedAt, report.EndedAt = e.Name, e.StartedAt, e.EndedAt
		report.Totals = run.Count(report.Results)
		text, err := json.Marshal(report)
		require.NoError(t, err)
		d.objects[run.ReportKey(e.Name)] = string(text)
	}
}

var exampleReport = run.Report{Results: []run.Result{
	{Username: "alice", Email: "alice@example.org", Outcome: run.Updated, Reason: "1 bucket added", Added: []string{"digipres-dev1-data"}, Buckets: []string{"digipres-dev1-data"}},
	{Username: "carol", Email: "carol@example.org", Outcome: run.Failed, Reason: "no keys", Error: "KeysMissing"},
}}

func TestStart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give []string
		want string
	}{
		{"all users", nil, `{}`},
		{"one", []string{"-u", "alice"}, `{"username":"alice"}`},
		{"dry", []string{"--dry-run"}, `{"dryRun":true}`},
		{"one, dry", []string{"--dry-run", "--username", "alice"}, `{"username":"alice","dryRun":true}`},
		{"with all keys", []string{"--refresh-keys"}, `{"refreshKeys":true}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			got := f.run(t.Context(), append([]string{"start", "-o", "json"}, tt.give...)...)
			assert.Equal(t, success, got.code)
			assert.Equal(t, tt.want, f.deployment.executions[0].Input)
			started := decoded[map[string]string](t, got.out)
			assert.Equal(t, f.deployment.executions[0].Name, started["run"])
			assert.Regexp(t, "^"+clitest.RunNames.String()+"$", started["run"])
			assert.LessOrEqual(t, len(started["run"]), 80, "the longest name that an execution may have")
		})
	}
	golden(t, "start.json", runCommand(t, nil, "start", "-o", "json").out)
	golden(t, "start.txt", runCommand(t, nil, "start").out)
}

func TestStartAcceptsLosses(t *testing.T) {
	t.Parallel()
	f := newFixture()
	got := f.run(t.Context(), "start", "--accept-losses")
	assert.Zero(t, got.code, got.err)
	assert.JSONEq(t, `{"acceptLosses":true}`, f.deployment.executions[0].Input)
	got = f.run(t.Context(), "start", "--changed-only", "--username", "alice")
	assert.NotZero(t, got.code)
	assert.Contains(t, got.err, "changed-only")
	assert.Len(t, f.deployment.executions, 1)
}

// A dry run of more losses than a run may cause says so.
func TestReportSaysThatARunWouldNotStart(t *testing.T) {
	t.Parallel()
	change := func(f *fixture) {
		addRuns(f)
		report := run.Report{Results: []run.Result{{
			Email: "left@example.org", Outcome: run.Revoked, Reason: "no IAM user has this Email tag: 1 bucket removed", Removed: []string{"digipres-dev1-data"},
		}}, Summary: run.Summary{
			Execution: "dry", DryRun: true, ChangedOnly: true, StartedAt: time.Unix(0, 0).UTC(), EndedAt: time.Unix(1, 0).UTC(),
			TooManyLosses: "50 people would lose access, so nobody was touched.\n\nWho would lose what:\n\n  alice\n",
		}}
		report.Totals = run.Count(report.Results)
		_, _, _ = summarize.Save(context.Background(), f.deployment, report, run.Installation{RunsBucket: "runs"})
	}
	golden(t, "report-losses.txt", runCommand(t, change, "report", "dry").out)
	golden(t, "report-losses.json", runCommand(t, change, "report", "dry", "-o", "json").out)
}

// EventBridge may take its time.
func TestTriggerStartsLate(t *testing.T) {
	t.Parallel()
	got := runCommand(t, func(f *fixture) {
		f.deployment.uploadDelay = 170 * time.Second
		endWith(t, f.deployment, run.StatusSucceeded, run.Report{})
	}, "trigger", "--follow")
	assert.Equal(t, success, got.code, got.err)
}

func TestTrigger(t *testing.T) {
	t.Parallel()
	golden(t, "trigger.txt", runCommand(t, nil, "trigger").out)
	got := runCommand(t, nil, "trigger", "-o", "json")
	golden(t, "trigger.json", got.out)
	object := decoded[run.Object](t, got.out)
	assert.Equal(t, run.Object{Bucket: "digipres-dev1-managed", Key: "sync-users/TRIGGER"}, object)

	got = runCommand(t, func(f *fixture) { f.deployment.ignoresUploads = true }, "trigger", "--follow")
	assert.Equal(t, failure, got.code)
	assert.Contains(t, got.err, "no run has started in the 3m0s since the upload")
	assert.Contains(t, got.err, "It may still start")
	assert.Contains(t, got.err, "sync-users status")
	assert.Contains(t, got.err, "sync-users check")
}

// syncName is the name of a sync from a command line, which has its start in it.
const syncName = "sync-20000101T003000Z-jane-abcdef"

func TestWithoutDeployment(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"start", "trigger", "status", "report"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, nil, command, "--stack-name", "other")
			assert.Equal(t, failure, got.code)
			assert.Empty(t, got.out)
			assert.Contains(t, got.err, `no CloudFormation stack "other" is deployed`)
		})
	}
	got := runCommand(t, func(f *fixture) { f.errors["stack"] = errkind.Errorf(errkind.AccessDenied, "no") }, "start")
	assert.Contains(t, got.err, "sync-users check")
}
