package command

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/run"
)

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
