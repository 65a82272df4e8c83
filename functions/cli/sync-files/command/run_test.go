package command

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
)

// reportOf returns a report of results.
func (f *fixture) reportOf(results ...sendfile.Result) sendrun.Report {
	return sendrun.Report{Results: results}
}

// endsWith has a run end with a report.
func (f *fixture) endsWith(report sendrun.Report) {
	f.onEnd = func(e *run.Execution) {
		ended := *e
		f.executions = f.executions[1:]
		f.addRun(ended.Name, report)
		f.executions[0].Input = ended.Input
		*e = f.executions[0]
	}
}

// listed has the runs bucket know the objects of a run that is started.
func (f *fixture) listed() {
	for _, size := range []int64{5 << 20, 1 << 20, 2 << 20, 3 << 20} {
		f.listedObjects = append(f.listedObjects, sendfile.Object{Key: "out/a", Size: size})
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	got := runCommand(t, func(f *fixture) {
		f.listed()
		f.endsWith(f.reportOf(f.results()...))
	}, "send", "run", "--prefix", "out/")
	assert.Equal(t, failure, got.code)
	golden(t, "run.txt", got.out)
	golden(t, "run-progress.txt", got.err)

	good := runCommand(t, func(f *fixture) { f.endsWith(f.reportOf(f.results()[1])) }, "send", "run")
	assert.Equal(t, success, good.code)
	assert.Contains(t, good.err, "Sending 1/4\n", "without sizes there is no rate")

	nothing := runCommand(t, nil, "send", "run")
	assert.Equal(t, success, nothing.code)
	assert.Contains(t, nothing.err, "There was nothing to send.\n")
}

func TestRunThatFails(t *testing.T) {
	t.Parallel()
	whole := runCommand(t, func(f *fixture) {
		f.endsWith(sendrun.Report{Results: []sendfile.Result{}, Summary: sendrun.Summary{Error: "LoginRefused", Reason: "the server refuses the login"}})
	}, "send", "run")
	assert.Equal(t, failure, whole.code)
	golden(t, "run-failed.txt", whole.out)

	aborted := runCommand(t, func(f *fixture) {
		f.onEnd = func(e *run.Execution) { e.Status, e.Cause = run.StatusAborted, "Stopped by jane" }
	}, "send", "run")
	assert.Equal(t, failure, aborted.code)
	assert.Contains(t, aborted.err, "aborted after")
	assert.Contains(t, aborted.err, "Stopped by jane. What it has not sent is where it was")
}

func TestRunInput(t *testing.T) {
	t.Parallel()
	for give, want := range map[string]string{
		"":                          `{}`,
		"--key out/a+b":             `{"key":"out/a+b"}`,
		"--key out/a,b --key out/c": `{"keys":["out/a,b","out/c"]}`,
		"--prefix out/ --resend":    `{"prefix":"out/","resend":true}`,
		"--dry-run --key out/a":     `{"key":"out/a","dryRun":true}`,
	} {
		f := newFixture()
		got := f.run(t.Context(), append([]string{"send", "run", "--no-wait"}, strings.Fields(give)...)...)
		require.Equal(t, success, got.code, got.err)
		assert.Equal(t, want, f.executions[0].Input, give)
	}
	golden(t, "no-wait.json", runCommand(t, nil, "send", "run", "--no-wait", "-o", "json").out)
	golden(t, "no-wait.txt", runCommand(t, nil, "send", "run", "--no-wait").out)
}

// Ctrl-C stops following, and not the run.
func TestStopFollowing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		ctx, interrupt := context.WithCancel(t.Context())
		f.onEnd = func(*run.Execution) { interrupt() }
		got := f.run(ctx, "send", "run")
		assert.Equal(t, interrupted, got.code)
		assert.Contains(t, got.err, "No longer following; the run continues.")
	})
}

func TestRetry(t *testing.T) {
	t.Parallel()
	retried := func(report sendrun.Report, args ...string) (*fixture, output) {
		f := newFixture()
		f.addRun("old", report)
		return f, f.run(t.Context(), append([]string{"send", "retry", "--no-wait"}, args...)...)
	}
	f, got := retried(newFixture().reportOf(newFixture().results()...))
	assert.Equal(t, success, got.code, got.err)
	assert.Equal(t, `{"keys":["out/..","out/in the way"]}`, f.executions[0].Input)
	assert.Contains(t, got.err, "Sending again 2 objects of old")

	f = newFixture()
	f.addRun("real", f.reportOf(f.results()...))
	f.addRun("dry", sendrun.Report{Summary: sendrun.Summary{DryRun: true}, Results: f.results()})
	got = f.run(t.Context(), "send", "retry", "--no-wait")
	assert.Contains(t, got.err, "Sending again 2 objects of real")

	f, got = retried(newFixture().reportOf(newFixture().results()[1]), "old")
	assert.Equal(t, success, got.code)
	assert.Len(t, f.executions, 1, "nothing is started")
	assert.Contains(t, got.err, "Nothing failed in old")

	// A run that failed before it sent anything has no results, but it has listed its objects.
	f = newFixture()
	f.addRun("old", sendrun.Report{Summary: sendrun.Summary{Error: "LoginRefused"}})
	f.executions[0].Input = `{"resend":true}`
	_, err := f.Save(t.Context(), sendrun.ObjectsKey("old"), []sendfile.Object{{Key: "out/a"}})
	require.NoError(t, err)
	f.run(t.Context(), "send", "retry", "--no-wait")
	assert.Equal(t, `{"key":"out/a","resend":true}`, f.executions[0].Input)

	f, _ = retried(sendrun.Report{Summary: sendrun.Summary{Error: "Unavailable"}})
	assert.Equal(t, `{}`, f.executions[0].Input, "it is not known what it was about")

	var many []sendfile.Result
	for range 300 {
		many = append(many, sendfile.Result{Object: sendfile.Object{Key: "out/" + strings.Repeat("x", 1000)}, Outcome: sendfile.Failed})
	}
	f, got = retried(sendrun.Report{Results: many})
	assert.Equal(t, `{}`, f.executions[0].Input)
	assert.Contains(t, got.err, "300 objects failed, too many to be named")
}
