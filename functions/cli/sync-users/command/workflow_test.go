package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/functions/cli/clitest"
	"github.com/digipres/sync-users/functions/cli/runs"
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

func TestFollow(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"start", "trigger"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, func(f *fixture) { endWith(t, f.deployment, run.StatusFailed, exampleReport) }, command, "--follow")
			assert.Equal(t, failure, got.code, "carol failed")
			golden(t, "follow-"+command+".txt", got.out)
			golden(t, "follow-"+command+"-progress.txt", got.err)
		})
	}
}

func TestFollowSuccess(t *testing.T) {
	t.Parallel()
	got := runCommand(t, func(f *fixture) {
		endWith(t, f.deployment, run.StatusSucceeded, run.Report{Results: exampleReport.Results[:1], Summary: run.Summary{DryRun: true, Username: "alice"}})
	}, "start", "--follow", "--dry-run", "-u", "alice", "-o", "json")
	assert.Equal(t, success, got.code)
	report := decoded[run.Report](t, got.out)
	assert.True(t, report.DryRun)
	assert.Equal(t, 1, report.Totals.Updated)
}

// A run can fail although no user did, such as when leftovers can't be deleted.
func TestFollowFailureWithoutFailedUser(t *testing.T) {
	t.Parallel()
	got := runCommand(t, func(f *fixture) {
		endWith(t, f.deployment, run.StatusFailed, run.Report{Results: exampleReport.Results[:1]})
		end := f.deployment.onEnd
		f.deployment.onEnd = func(e *run.Execution) {
			end(e)
			e.Error, e.Cause = "Unavailable", "The run failed: delete folder one: 503"
		}
	}, "start", "--follow")
	assert.Equal(t, failure, got.code)
	assert.Contains(t, got.out, "1 updated")
	assert.Contains(t, got.err, "No user failed, but the run itself failed: The run failed: delete folder one: 503\n")
}

// A run that ended without a report may have synced users.
func TestEndWithoutReport(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		args    []string
		end     run.Execution
		mapRun  func() (run.Progress, bool, error)
		want    []string
		wantNot string
	}{
		{
			"failed before the first user", nil,
			run.Execution{Status: run.StatusFailed, Error: "NotEligible", Cause: "The run failed: there is no IAM user \"zoe\" (NotEligible)\n\nTRIGGER is in place"},
			func() (run.Progress, bool, error) { return run.Progress{}, false, nil },
			[]string{" failed after ", `: The run failed: there is no IAM user "zoe" (NotEligible). `, "synced nobody"}, "may have",
		},
		{
			"aborted among its users", nil, run.Execution{Status: run.StatusAborted, Error: "Stopped", Cause: "by jane"},
			func() (run.Progress, bool, error) {
				return run.Progress{Total: 8, Running: 2, Done: 3, Pending: 3}, true, nil
			},
			[]string{" aborted after ", "Stopped: by jane. ", "up to 5 of 8 users", "may have been synced", "sync-users plan"}, "nobody",
		},
		{
			"timed out, and no more is known", nil, run.Execution{Status: run.StatusTimedOut, Error: "States.Timeout"},
			func() (run.Progress, bool, error) { return run.Progress{}, false, errors.New("AccessDenied") },
			[]string{" timed out after ", "States.Timeout. ", "Users may have been synced", "sync-users plan"}, "nobody",
		},
		{
			"a dry run", []string{"--dry-run"}, run.Execution{Status: run.StatusAborted},
			func() (run.Progress, bool, error) { return run.Progress{Total: 8, Running: 8}, true, nil },
			[]string{" aborted after ", "no reason was given. ", "dry run"}, "may have",
		},
		{
			"too many losses", nil, run.Execution{
				Status: run.StatusFailed, Error: "TooManyLosses",
				Cause: "The run failed: 50 people would lose access, so nobody was touched. Look at `sync-users plan`.\n\nWho would lose what:\n\n  alice\n (TooManyLosses)",
			},
			nil, []string{" failed after ", "TooManyLosses: The run failed: 50 people would lose access", "sync-users plan", "nobody lost access"}, "alice",
		},
		{
			"superseded", nil, run.Execution{
				Status: run.StatusSucceeded, Error: "Superseded", Cause: `{"errorType":"Superseded","errorMessage":"a newer run does the same: start-2"}`,
			}, nil, []string{" was superseded after ", ": a newer run does the same: start-2. ", "synced nobody"}, "errorMessage",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFixture()
				f.deployment.onEnd = func(e *run.Execution) {
					e.Status, e.Error, e.Cause = tt.end.Status, tt.end.Error, tt.end.Cause
					f.deployment.progress = tt.mapRun
				}
				followed := f.run(t.Context(), append([]string{"start", "--follow"}, tt.args...)...)
				name := f.deployment.executions[0].Name
				for _, got := range []output{followed, f.run(t.Context(), "report", name)} {
					assert.Equal(t, failure, got.code)
					assert.Empty(t, got.out)
					assert.Contains(t, got.err, name)
					for _, want := range tt.want {
						assert.Contains(t, got.err, want)
					}
					assert.NotContains(t, got.err, tt.wantNot)
				}
			})
		})
	}
}

// A run for those who changed has no report if nobody did.
func TestFollowOfARunThatFindsNothingChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.deployment.onEnd = func(e *run.Execution) {
			e.Status, e.Error, e.Cause = run.StatusSucceeded, run.NothingChanged, "nothing has changed since the last runs"
		}
		got := f.run(t.Context(), "start", "--changed-only", "--follow")
		assert.Zero(t, got.code, got.err)
		assert.Contains(t, got.err, "There was nothing to do: nothing has changed since the last runs.")
		assert.JSONEq(t, `{"changedOnly":true}`, f.deployment.executions[0].Input)
		name := f.deployment.executions[0].Name
		assert.Contains(t, f.run(t.Context(), "report", name).err, "the run "+name+" has no report, because nothing has changed")
		assert.NotContains(t, f.run(t.Context(), "report").err, name)
	})
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

// Step Functions is eventually consistent: it may not know an execution that it has
// just started.
func TestFollowBeforeTheExecutionIsKnown(t *testing.T) {
	t.Parallel()
	tests := []struct {
		delay    time.Duration
		wantCode int
	}{
		{29 * time.Second, success},
		{40 * time.Second, failure},
	}
	for _, tt := range tests {
		got := runCommand(t, func(f *fixture) {
			f.deployment.delay = tt.delay
			endWith(t, f.deployment, run.StatusSucceeded, run.Report{})
		}, "start", "--follow")
		assert.Equal(t, tt.wantCode, got.code, got.err)
		assert.Equal(t, tt.wantCode == failure, strings.Contains(got.err, "there is no run"), got.err)
	}
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

func TestInterruptFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got := newFixture().run(ctx, "start", "--follow")
		assert.Equal(t, interrupted, got.code)
		assert.Empty(t, got.out)
		assert.Contains(t, got.err, "the run continues")
	})
}

func TestInterruptFollowBeforeTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		f := newFixture()
		f.deployment.ignoresUploads = true
		got := f.run(ctx, "trigger", "--follow")
		assert.Equal(t, interrupted, got.code)
		assert.Contains(t, got.err, "the run continues")
	})
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
