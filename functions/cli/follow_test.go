package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// endsWith makes runs end with a report.
func endsWith(t *testing.T, c *cloud, status run.Status, report run.Report) {
	t.Helper()
	c.ends = func(e *run.Execution) {
		e.Status = status
		report.Execution, report.StartedAt, report.EndedAt = e.Name, e.StartedAt, e.EndedAt
		report.Totals = run.Count(report.Results)
		text, err := json.Marshal(report)
		require.NoError(t, err)
		c.objects[run.ReportKey(e.Name)] = string(text)
	}
}

var aReport = run.Report{Results: []run.Result{
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
		{"everybody", nil, `{}`},
		{"one", []string{"-u", "alice"}, `{"username":"alice"}`},
		{"dry", []string{"--dry-run"}, `{"dryRun":true}`},
		{"one, dry", []string{"--dry-run", "--username", "alice"}, `{"username":"alice","dryRun":true}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			town := newTown()
			got := town.run(t.Context(), append([]string{"start", "-o", "json"}, tt.give...)...)
			assert.Equal(t, done, got.code)
			assert.Equal(t, tt.want, town.deployed.executions[0].Input)
			started := decoded[map[string]string](t, got.out)
			assert.Equal(t, town.deployed.executions[0].Name, started["run"])
			assert.Regexp(t, "^"+runNames.String()+"$", started["run"])
			assert.LessOrEqual(t, len(started["run"]), 80, "the longest name that an execution may have")
		})
	}
	golden(t, "start.json", inTown(t, nil, "start", "-o", "json").out)
	golden(t, "start.txt", inTown(t, nil, "start").out)
}

func TestFollow(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"start", "trigger"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			got := inTown(t, func(town *town) { endsWith(t, town.deployed, run.StatusFailed, aReport) }, command, "--follow")
			assert.Equal(t, failed, got.code, "somebody failed")
			golden(t, "follow-"+command+".txt", got.out)
			golden(t, "follow-"+command+"-progress.txt", got.err)
		})
	}
}

func TestFollowToTheGoodEnd(t *testing.T) {
	t.Parallel()
	got := inTown(t, func(town *town) {
		endsWith(t, town.deployed, run.StatusSucceeded, run.Report{Results: aReport.Results[:1], DryRun: true, Username: "alice"})
	}, "start", "--follow", "--dry-run", "-u", "alice", "-o", "json")
	assert.Equal(t, done, got.code)
	report := decoded[run.Report](t, got.out)
	assert.True(t, report.DryRun)
	assert.Equal(t, 1, report.Totals.Updated)
}

// A run that never got to people has no report, but a reason.
func TestFollowToABadEnd(t *testing.T) {
	t.Parallel()
	got := inTown(t, func(town *town) {
		town.deployed.ends = func(e *run.Execution) {
			e.Status, e.Error, e.Cause = run.StatusFailed, "NotEligible", "The run failed.\n\nNotEligible: there is no IAM user \"zoe\""
		}
	}, "start", "--follow", "-u", "zoe")
	assert.Equal(t, failed, got.code)
	assert.Empty(t, got.out)
	assert.Contains(t, got.err, `there is no IAM user "zoe"`)
	assert.Contains(t, got.err, "Nobody was synced")
}

func TestFollowNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got := newTown().run(ctx, "start", "--follow")
		assert.Equal(t, interrupted, got.code)
		assert.Empty(t, got.out)
		assert.Contains(t, got.err, "the run goes on")
	})
}

// What was uploaded stays uploaded.
func TestFollowNoMoreBeforeItBegins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		town := newTown()
		town.deployed.deaf = true
		got := town.run(ctx, "trigger", "--follow")
		assert.Equal(t, interrupted, got.code)
		assert.Contains(t, got.err, "the run goes on")
	})
}

func TestTrigger(t *testing.T) {
	t.Parallel()
	golden(t, "trigger.txt", inTown(t, nil, "trigger").out)
	got := inTown(t, nil, "trigger", "-o", "json")
	golden(t, "trigger.json", got.out)
	object := decoded[run.Object](t, got.out)
	assert.Equal(t, run.Object{Bucket: "digipres-dev1-managed", Key: "sync-users/TRIGGER"}, object)

	got = inTown(t, func(town *town) { town.deployed.deaf = true }, "trigger", "--follow")
	assert.Equal(t, failed, got.code)
	assert.Contains(t, got.err, "TRIGGER started no run within 1m0s")
	assert.Contains(t, got.err, "sync-users check")
}

// history is a town with runs of every kind.
func history(town *town) {
	c := town.deployed
	at := func(minute int) time.Time { return time.Date(2000, 1, 1, 0, minute, 0, 0, time.UTC) }
	c.executions = []run.Execution{
		{Name: "now", ARN: "arn:now", Status: run.StatusRunning, StartedAt: at(50)},
		{Name: "broken", ARN: "arn:broken", Status: run.StatusFailed, StartedAt: at(40), EndedAt: at(41), Error: "IncompleteReading", Cause: "IAM shows no user at all"},
		{Name: "some", ARN: "arn:some", Status: run.StatusFailed, StartedAt: at(20), EndedAt: at(21)},
		{Name: "dry", ARN: "arn:dry", Status: run.StatusSucceeded, StartedAt: at(10), EndedAt: at(10).Add(1300 * time.Millisecond)},
	}
	c.looks = 3
	keep := func(name string, report run.Report) {
		report.Execution, report.Totals = name, run.Count(report.Results)
		for _, e := range c.executions {
			if e.Name == name {
				report.StartedAt, report.EndedAt = e.StartedAt, e.EndedAt
			}
		}
		text, _ := json.Marshal(report)
		c.objects[run.ReportKey(name)] = string(text)
	}
	keep("some", run.Report{Results: aReport.Results})
	keep("dry", run.Report{Results: aReport.Results[:1], DryRun: true, Username: "alice"})
	keep("sync-1", run.Report{Results: aReport.Results[:1], StartedAt: at(30), EndedAt: at(31)})
}

func TestStatus(t *testing.T) {
	t.Parallel()
	golden(t, "status.txt", inTown(t, history, "status").out)
	golden(t, "status.csv", inTown(t, history, "status", "-o", "csv").out)
	got := inTown(t, history, "status", "-o", "json")
	golden(t, "status.json", got.out)
	var names []string
	for _, p := range decoded[[]past](t, got.out) {
		names = append(names, p.Run)
	}
	assert.Equal(t, []string{"now", "broken", "sync-1", "some", "dry"}, names)

	assert.Equal(t, 2, strings.Count(inTown(t, history, "status", "-n", "2", "-o", "csv").out, "workflow"))
	assert.Equal(t, "There was no run yet.\n", inTown(t, nil, "status").out)
	assert.Equal(t, "[]\n", inTown(t, nil, "status", "-o", "json").out)
}

func TestReport(t *testing.T) {
	t.Parallel()
	golden(t, "report.txt", inTown(t, history, "report", "some").out)
	golden(t, "report-failed.txt", inTown(t, history, "report", "some", "--failed").out)

	tests := []struct {
		name string
		give []string
		want string
	}{
		{"of a run that goes on", []string{"now"}, "is still going on"},
		{"of a run that broke", []string{"broken"}, "IAM shows no user at all"},
		{"of no run", []string{"nothing"}, `there is no run "nothing"`},
		{"the last one broke", []string{"--last"}, "the run broken failed"},
		{"two wishes", []string{"--last", "some"}, "either --last or"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := inTown(t, history, append([]string{"report"}, tt.give...)...)
			assert.Equal(t, failed, got.code)
			assert.Empty(t, got.out)
			assert.Contains(t, got.err, tt.want)
		})
	}
	assert.Contains(t, inTown(t, nil, "report").err, "no run has ended yet")
	assert.Contains(t, inTown(t, func(town *town) {
		history(town)
		delete(town.deployed.objects, run.ReportKey("dry"))
	}, "report", "dry").err, "is gone")
}

func TestWithoutAStack(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"start", "trigger", "status", "report"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			got := inTown(t, nil, command, "--stack-name", "other")
			assert.Equal(t, failed, got.code)
			assert.Empty(t, got.out)
			assert.Contains(t, got.err, `no CloudFormation stack "other" is deployed`)
		})
	}
	got := inTown(t, func(town *town) { town.errors["stack"] = errkind.Errorf(errkind.AccessDenied, "no") }, "start")
	assert.Contains(t, got.err, "sync-users check")
}
