package command

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

	"github.com/digipres/sync-users/functions/cli/clitest"
	"github.com/digipres/sync-users/functions/cli/sync-users/pool"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
	"github.com/digipres/sync-users/shared/domain/secret"
)

func TestSync(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		got := f.run(t.Context(), "sync", "--yes", "--concurrency", "1")
		assert.Equal(t, failure, got.code, "carol has no keys")
		golden(t, "sync.txt", got.out)
		golden(t, "sync-progress.txt", got.err)
		assert.Equal(t, []string{"list", "download"}, f.server.Accounts["alice@example.org"].Permissions["/digipres-dev1-managed"])
		assert.NotContains(t, f.server.Folders, "dave_example_org-digipres-prod-archive")
		assert.Equal(t, "AKIAERIN1", f.server.Folders["erin_example_org-digipres-prod-archive"].AccessKeyID)

		again := decoded[run.Report](t, f.run(t.Context(), "plan", "-o", "json").out)
		assert.Zero(t, again.Totals.Updated+again.Totals.Revoked, "after a sync there is nothing to do")
	})
}

// The report is kept where the workflow's are, so that report and status find it.
func TestSyncKeepsItsReport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		printed := decoded[run.Report](t, f.run(t.Context(), "sync", "--yes", "-o", "json").out)
		var kept run.Report
		require.NoError(t, json.Unmarshal([]byte(f.deployment.objects[run.ReportKey(printed.Execution)]), &kept))
		assert.Equal(t, printed, kept)
		var summary run.Summary
		require.NoError(t, json.Unmarshal([]byte(f.deployment.objects[run.SummaryKey(printed.Execution)]), &summary))
		assert.Equal(t, printed.Summary, summary)
		assert.Equal(t, printed, decoded[run.Report](t, f.run(t.Context(), "report", "--last", "-o", "json").out))
		assert.Contains(t, f.run(t.Context(), "status").out, "from a command line")
	})
}

func TestSyncDeletesLeftovers(t *testing.T) {
	t.Parallel()
	leftover := account.Spec{Name: "bob_example_org-digipres-dev1-data", Bucket: "digipres-dev1-data", Region: "us-east-1"}
	for _, tt := range []struct {
		name  string
		args  []string
		fault error
		want  int
		kept  bool
	}{
		{"under the lock", nil, nil, success, false},
		{"without a lock, another sync may be about to map it", []string{"--stack-name", ""}, nil, success, true},
		{"it can't be deleted", nil, errkind.Errorf(errkind.Unavailable, "503"), failure, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			require.NoError(t, f.server.CreateFolder(t.Context(), leftover, account.Keys{ID: "AKIABOB1", Secret: secret.New("x")}))
			f.server.Fault = func(call string) error {
				if call == "DELETE folders/"+leftover.Name {
					return tt.fault
				}
				return nil
			}
			got := f.run(t.Context(), append([]string{"sync", "--yes", "-u", "alice"}, tt.args...)...)
			assert.Equal(t, tt.want, got.code, got.err)
			_, kept := f.server.Folders[leftover.Name]
			assert.Equal(t, tt.kept, kept)
			assert.Equal(t, tt.fault != nil, strings.Contains(got.err, "Leftover folders could not be deleted"), got.err)
		})
	}
}

func TestSyncLock(t *testing.T) {
	t.Parallel()
	t.Run("a run of the workflow waits for it", func(t *testing.T) {
		t.Parallel()
		f := newFixture()
		attempts := 0
		f.onSync = func(string) {
			err := runlock.Acquire(t.Context(), f.deployment, f.deployment, "arn:execution")
			assert.Equal(t, errkind.RunInProgress, errkind.Of(err))
			assert.Regexp(t, clitest.RunNames.String()+` .* running `, f.run(t.Context(), "status").out)
			attempts++
		}
		f.run(t.Context(), "sync", "--yes", "--concurrency", "1")
		assert.NotZero(t, attempts)
		assert.NoError(t, runlock.Acquire(t.Context(), f.deployment, f.deployment, "arn:execution"), "it releases the lock")
	})
	t.Run("it refuses while another run is running", func(t *testing.T) {
		t.Parallel()
		f := newFixture()
		f.deployment.executions = []run.Execution{{Name: "old", ARN: "arn:old", Status: run.StatusRunning}}
		f.deployment.lockOwner, f.deployment.lockVersion = "arn:old", 1
		got := f.run(t.Context(), "sync", "--yes")
		assert.Equal(t, failure, got.code)
		assert.Empty(t, got.out)
		assert.Contains(t, got.err, "an earlier run is in progress: arn:old")
		assert.Contains(t, got.err, "--wait")
		assert.NotContains(t, f.server.Accounts["alice@example.org"].Permissions, "/digipres-dev1-data")
	})
	t.Run("it waits for another run", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFixture()
			f.deployment.executions = []run.Execution{{Name: "old", ARN: "arn:old", Status: run.StatusRunning}}
			f.deployment.lockOwner, f.deployment.lockVersion = "arn:old", 1
			got := f.run(t.Context(), "sync", "--yes", "--wait", "1h", "-u", "alice")
			assert.Equal(t, success, got.code, got.err)
			assert.Equal(t, 1, strings.Count(got.err, "Waiting: an earlier run is in progress: arn:old"))
		})
	})
	t.Run("nothing is deployed", func(t *testing.T) {
		t.Parallel()
		f := newFixture()
		f.deployment = nil
		for _, args := range [][]string{nil, {"--stack-name", "sync-user"}} {
			got := f.run(t.Context(), append([]string{"sync", "--yes", "-u", "alice"}, args...)...)
			assert.Equal(t, failure, got.code, "a run of a deployment that has another name may be running")
			assert.Empty(t, got.out)
			assert.Regexp(t, `no CloudFormation stack "sync-users?" is deployed`, got.err)
			assert.Contains(t, got.err, `--stack-name ""`)
			assert.Empty(t, f.server.Writes())
		}
		got := f.run(t.Context(), "sync", "--yes", "-u", "alice", "--stack-name", "")
		assert.Equal(t, success, got.code, got.err)
		assert.NotEmpty(t, f.server.Writes())
	})
	t.Run("the CloudFormation stack can't be read", func(t *testing.T) {
		t.Parallel()
		f := newFixture()
		f.errors["stack"] = errkind.Errorf(errkind.AccessDenied, "cloudformation:DescribeStacks")
		got := f.run(t.Context(), "sync", "--yes")
		assert.Equal(t, failure, got.code)
		assert.Contains(t, got.err, `--stack-name ""`)
	})
}

// The lease is renewed for as long as it takes, and lost when this machine sleeps.
func TestSyncRenewsItsLease(t *testing.T) {
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
				f := newFixture()
				f.onSync = func(string) {
					time.Sleep(tt.slow)
					_ = runlock.Acquire(t.Context(), f.deployment, f.deployment, "arn:execution")
				}
				got := f.run(t.Context(), "sync", "--yes", "--concurrency", "1")
				assert.Equal(t, failure, got.code)
				assert.Equal(t, tt.wantLost, strings.Contains(got.err, "Stopped (the lock was lost"), got.err)
			})
		})
	}
}

func TestSyncInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		ctx, interrupt := context.WithCancel(t.Context())
		f.onSync = func(username string) {
			if username == "bob@example.org" {
				interrupt()
				time.Sleep(time.Second)
			}
		}
		got := f.run(ctx, "sync", "--yes", "--concurrency", "1", "-o", "json")
		assert.Equal(t, interrupted, got.code)
		assert.Contains(t, got.err, "Stopping: the users that were started are finished first.")
		assert.Contains(t, got.err, "Stopped: 2 of 8 users are done, and 6 are as they were. Run it again to continue.")
		report := decoded[run.Report](t, got.out)
		assert.Equal(t, run.Updated, outcomes(report)["alice"])
		assert.Equal(t, run.Unchanged, outcomes(report)["bob"])
		assert.Equal(t, pool.NotReached, report.Results[2].Error)
		assert.Contains(t, f.deployment.objects, run.ReportKey(report.Execution), "its report is kept all the same")
		assert.NoError(t, runlock.Acquire(t.Context(), f.deployment, f.deployment, "arn:execution"), "and the lock released")
		time.Sleep(time.Hour) // The execution, which is not known, counts as ended by then.

		f.onSync = func(string) {}
		f.run(t.Context(), "sync", "--yes")
		uninterrupted := newFixture()
		uninterrupted.run(t.Context(), "sync", "--yes")
		assert.Equal(t, uninterrupted.server.Accounts, f.server.Accounts, "the next sync completes what is left")
		assert.Equal(t, uninterrupted.server.Folders, f.server.Folders)
	})
}

// Asked to, it writes also keys that are current, and so says the plan that it asks with.
func TestSyncRefreshesKeys(t *testing.T) {
	t.Parallel()
	for _, command := range [][]string{{"sync", "--yes"}, {"plan"}} {
		f := newFixture()
		got := f.run(t.Context(), append(command, "--refresh-keys", "-u", "bob", "-o", "json")...)
		assert.Equal(t, "keys written again", decoded[run.Report](t, got.out).Results[0].Reason, got.err)
		assert.Equal(t, command[0] == "sync", len(f.server.Writes()) > 0)
	}
}

func TestSyncAsks(t *testing.T) {
	t.Parallel()
	f := newFixture()
	got := f.run(t.Context(), "sync")
	assert.Equal(t, failure, got.code)
	assert.Empty(t, got.out)
	assert.Contains(t, got.err, "--yes")
	assert.Len(t, f.server.Folders, 3)
}

func TestSyncReportNotKept(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.deployment.errors["save"] = errors.New("the bucket is full")
	got := f.run(t.Context(), "sync", "--yes", "-u", "alice")
	assert.Equal(t, success, got.code, "what was done is done")
	assert.Contains(t, got.err, "The report could not be kept: the bucket is full")
}
