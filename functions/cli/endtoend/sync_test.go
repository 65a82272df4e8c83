package endtoend

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/explain"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// A sync does what the plan says, after which there is nothing to do. Everything that
// happened can be looked up.
func TestPlanSyncPlan(t *testing.T) {
	frank := fixture.User{Username: "frank", NoTag: true, Groups: []string{devUsers}}
	newFixture(t, newUser("alice", devUsers, "accounting"), newUser("bob", devUsers, prodUsers), frank)

	plan := syncUsers(t, "plan", "-o", "json")
	assert.Equal(t, changes, plan.code, plan.err)
	planned := decoded[run.Report](t, plan.out)
	assert.Equal(t, map[string]run.Outcome{"alice": run.Updated, "bob": run.Updated, "frank": run.Skipped}, outcomes(planned))
	assert.Empty(t, mapped(t, email("alice")), "a plan writes nothing")

	synced := syncUsers(t, "sync", "--yes", "-o", "json")
	assert.Equal(t, success, synced.code, synced.err)
	report := decoded[run.Report](t, synced.out)
	assert.Equal(t, planned.Results, report.Results)
	assert.Contains(t, synced.err, "Syncing 3/3 ")
	assert.Equal(t, devBuckets, mapped(t, email("alice")))
	assert.Equal(t, append(devBuckets, prodBuckets...), mapped(t, email("bob")))

	plan = syncUsers(t, "plan")
	assert.Equal(t, success, plan.code, plan.out)
	assert.Contains(t, plan.out, "3 users: 0 updated, 2 unchanged, 0 revoked, 1 skipped, 0 failed")

	assert.Equal(t, report, decoded[run.Report](t, syncUsers(t, "report", "--last", "-o", "json").out))
	assert.Regexp(t, report.Execution+` .*succeeded +3 +2 updated, 1 skipped, from a command line`, syncUsers(t, "status").out)

	explained := syncUsers(t, "explain", "alice", "-o", "json")
	assert.Equal(t, success, explained.code)
	alice := decoded[explain.Explanation](t, explained.out)
	assert.Equal(t, access.KeyActive, alice.Keys.Status)
	assert.Equal(t, run.Unchanged, alice.Sync.Outcome)
	assert.Len(t, alice.Account.Paths, 3)

	checked := syncUsers(t, "check")
	assert.Equal(t, success, checked.code, checked.out)
	assert.NotContains(t, checked.out, "✗")
}

func TestSyncOne(t *testing.T) {
	newFixture(t, newUser("alice", devUsers), newUser("bob", devUsers))
	got := syncUsers(t, "sync", "-y", "-u", "alice")
	assert.Equal(t, success, got.code, got.err)
	assert.Equal(t, devBuckets, mapped(t, email("alice")))
	assert.Empty(t, mapped(t, email("bob")))
}

// Interrupted, it finishes the users that it started and leaves the others as they
// were. The next sync completes them.
func TestInterrupted(t *testing.T) {
	newFixture(t, makeUsers(12)...)
	cloud.SFTPGo.Inject(sftpgo.Fault{Method: http.MethodGet, Path: "/api/v2/users/{name}", Delay: 150 * time.Millisecond})

	cmd := command(t, nil, "sync", "--yes", "--concurrency", "2", "-o", "json")
	var out strings.Builder
	cmd.Stdout = &out
	errs, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	printed := readUntil(t, errs, "Syncing 3/12")
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	printed += readUntil(t, errs, "")
	_ = cmd.Wait()

	assert.Equal(t, interrupted, cmd.ProcessState.ExitCode())
	report := decoded[run.Report](t, out.String())
	assert.Len(t, report.Results, 12)
	assert.Less(t, report.Totals.Updated, 12)
	assert.GreaterOrEqual(t, report.Totals.Updated, 3)
	assert.Contains(t, printed, "Run it again to continue.")
	for _, result := range report.Results {
		if result.Outcome == run.Updated {
			assert.Equal(t, devBuckets, mapped(t, result.Email), "a started user is finished")
		} else {
			assert.Equal(t, "NotReached", result.Error)
			assert.Empty(t, mapped(t, result.Email), "no user is half done")
		}
	}

	cloud.SFTPGo.Reset()
	again := syncUsers(t, "sync", "--yes", "-o", "json")
	assert.Equal(t, success, again.code, again.err)
	totals := decoded[run.Report](t, again.out).Totals
	assert.Equal(t, report.Totals.Updated, totals.Unchanged)
	for _, p := range makeUsers(12) {
		assert.Equal(t, devBuckets, mapped(t, p.Email))
	}
}

// Interrupted twice, it ends at once. The next sync completes what it left.
func TestInterruptedTwice(t *testing.T) {
	newFixture(t, makeUsers(6)...)
	cloud.SFTPGo.Inject(sftpgo.Fault{Method: http.MethodPut, Path: "/api/v2/users/{name}", Delay: time.Second})
	cmd := command(t, nil, "sync", "--yes", "--concurrency", "2", "--stack-name", "")
	errs, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	readUntil(t, errs, "Syncing 1/6")
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	readUntil(t, errs, "Press Ctrl-C again to end it at once.")
	// The first of these may come before the process stops handling the signal.
	repeat, ended := time.NewTicker(20*time.Millisecond), make(chan struct{})
	go func() {
		for {
			select {
			case <-repeat.C:
				_ = cmd.Process.Signal(os.Interrupt)
			case <-ended:
				return
			}
		}
	}()
	_ = cmd.Wait()
	close(ended)
	repeat.Stop()
	assert.Equal(t, -1, cmd.ProcessState.ExitCode(), "a signal ended it")

	cloud.SFTPGo.Reset()
	assert.Equal(t, success, syncUsers(t, "sync", "--yes").code)
	assert.Equal(t, success, syncUsers(t, "plan").code)
	for _, p := range makeUsers(6) {
		assert.Equal(t, devBuckets, mapped(t, p.Email))
	}
}
