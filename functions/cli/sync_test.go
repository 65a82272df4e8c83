package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

func TestSync(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		town := newTown()
		got := town.run(t.Context(), "sync", "--yes", "--concurrency", "1")
		assert.Equal(t, failed, got.code, "carol has no keys")
		golden(t, "sync.txt", got.out)
		golden(t, "sync-progress.txt", got.err)
		assert.Equal(t, []string{"list", "download"}, town.accounts["alice@example.org"].Permissions["/digipres-dev1-managed"])
		assert.NotContains(t, town.folders, "dave_example_org-digipres-prod-archive")
		assert.Equal(t, "AKIAERIN1", town.folders["erin_example_org-digipres-prod-archive"].AccessKeyID)

		again := decoded[run.Report](t, town.run(t.Context(), "plan", "-o", "json").out)
		assert.Zero(t, again.Totals.Updated+again.Totals.Revoked, "after a sync there is nothing to do")
	})
}

// The report is where the workflow's are, so that report and status know it.
func TestSyncKeepsItsReport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		town := newTown()
		printed := decoded[run.Report](t, town.run(t.Context(), "sync", "--yes", "-o", "json").out)
		var kept run.Report
		require.NoError(t, json.Unmarshal([]byte(town.deployed.objects[run.ReportKey(printed.Execution)]), &kept))
		assert.Equal(t, printed, kept)
		assert.Equal(t, printed, decoded[run.Report](t, town.run(t.Context(), "report", "--last", "-o", "json").out))
		assert.Contains(t, town.run(t.Context(), "status").out, "from a command line")
	})
}

func TestSyncTakesTurns(t *testing.T) {
	t.Parallel()
	t.Run("a run of the workflow waits for it", func(t *testing.T) {
		t.Parallel()
		town := newTown()
		asked := 0
		town.during = func(string) {
			err := runlock.Acquire(t.Context(), town.deployed, town.deployed, "arn:execution")
			assert.Equal(t, errkind.RunInProgress, errkind.Of(err))
			assert.Regexp(t, runNames.String()+` .* running `, town.run(t.Context(), "status").out)
			asked++
		}
		town.run(t.Context(), "sync", "--yes", "--concurrency", "1")
		assert.NotZero(t, asked)
		assert.NoError(t, runlock.Acquire(t.Context(), town.deployed, town.deployed, "arn:execution"), "it gives the turn back")
	})
	t.Run("it refuses while one is going", func(t *testing.T) {
		t.Parallel()
		town := newTown()
		town.deployed.executions = []run.Execution{{Name: "old", ARN: "arn:old", Status: run.StatusRunning}}
		town.deployed.holder, town.deployed.version = "arn:old", 1
		got := town.run(t.Context(), "sync", "--yes")
		assert.Equal(t, failed, got.code)
		assert.Empty(t, got.out)
		assert.Contains(t, got.err, "an earlier run is in progress: arn:old")
		assert.Contains(t, got.err, "--wait")
		assert.NotContains(t, town.accounts["alice@example.org"].Permissions, "/digipres-dev1-data")
	})
	t.Run("it waits for one that is going", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			town := newTown()
			town.deployed.executions = []run.Execution{{Name: "old", ARN: "arn:old", Status: run.StatusRunning}}
			town.deployed.holder, town.deployed.version = "arn:old", 1
			got := town.run(t.Context(), "sync", "--yes", "--wait", "1h", "-u", "alice")
			assert.Equal(t, done, got.code, got.err)
			assert.Equal(t, 1, strings.Count(got.err, "Waiting: an earlier run is in progress: arn:old"))
		})
	})
	t.Run("no stack is deployed", func(t *testing.T) {
		t.Parallel()
		town := newTown()
		town.deployed = nil
		got := town.run(t.Context(), "sync", "--yes", "-u", "alice")
		assert.Equal(t, done, got.code)
		assert.Contains(t, got.err, `No stack "sync-users" is deployed here`)
		got = town.run(t.Context(), "sync", "--yes", "-u", "alice", "--stack-name", "")
		assert.NotContains(t, got.err, "No stack")
	})
	t.Run("nobody may ask for the stack", func(t *testing.T) {
		t.Parallel()
		town := newTown()
		town.errors["stack"] = errkind.Errorf(errkind.AccessDenied, "cloudformation:DescribeStacks")
		got := town.run(t.Context(), "sync", "--yes")
		assert.Equal(t, failed, got.code)
		assert.Contains(t, got.err, `--stack-name ""`)
	})
}

// The turn is kept for as long as it takes, and lost when this machine sleeps.
func TestSyncRenewsItsTurn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		slow     time.Duration
		wantLost bool
	}{
		{"a long sync", runlock.MinRemaining - time.Second, false},
		{"a sleeping machine", runlock.LeaseDuration, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				town := newTown()
				town.during = func(string) {
					time.Sleep(tt.slow)
					_ = runlock.Acquire(t.Context(), town.deployed, town.deployed, "arn:execution")
				}
				got := town.run(t.Context(), "sync", "--yes", "--concurrency", "1")
				assert.Equal(t, failed, got.code)
				assert.Equal(t, tt.wantLost, strings.Contains(got.err, "Stopped (the lock was lost"), got.err)
			})
		})
	}
}

func TestSyncInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		town := newTown()
		ctx, interrupt := context.WithCancel(t.Context())
		town.during = func(username string) {
			if username == "bob@example.org" {
				interrupt()
				time.Sleep(time.Second)
			}
		}
		got := town.run(ctx, "sync", "--yes", "--concurrency", "1", "-o", "json")
		assert.Equal(t, interrupted, got.code)
		assert.Contains(t, got.err, "Stopping: those who were begun are finished first.")
		assert.Contains(t, got.err, "Stopped: 2 of 8 users are done, and 6 are as they were. Run it again to go on.")
		report := decoded[run.Report](t, got.out)
		assert.Equal(t, run.Updated, outcomes(report)["alice"])
		assert.Equal(t, run.Unchanged, outcomes(report)["bob"])
		assert.Equal(t, notReached, report.Results[2].Error)
		assert.Len(t, town.deployed.objects, 1, "its report is kept all the same")
		assert.NoError(t, runlock.Acquire(t.Context(), town.deployed, town.deployed, "arn:execution"), "and its turn given back")
		time.Sleep(time.Hour) // after which that execution, which nobody knows, counts as ended

		town.during = func(string) {}
		town.run(t.Context(), "sync", "--yes")
		whole := newTown()
		whole.run(t.Context(), "sync", "--yes")
		assert.Equal(t, whole.accounts, town.accounts, "the next one ends where one that was not interrupted does")
		assert.Equal(t, whole.folders, town.folders)
	})
}

func TestSyncAsks(t *testing.T) {
	t.Parallel()
	town := newTown()
	got := town.run(t.Context(), "sync")
	assert.Equal(t, failed, got.code)
	assert.Empty(t, got.out)
	assert.Contains(t, got.err, "--yes")
	assert.Len(t, town.folders, 3)
}

func TestSyncWithoutKeepingTheReport(t *testing.T) {
	t.Parallel()
	town := newTown()
	town.deployed.fail["save"] = errors.New("the bucket is full")
	got := town.run(t.Context(), "sync", "--yes", "-u", "alice")
	assert.Equal(t, done, got.code, "what was done is done")
	assert.Contains(t, got.err, "The report could not be kept: the bucket is full")
}
