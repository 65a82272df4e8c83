package endtoend

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

func TestStartAndFollow(t *testing.T) {
	carol := newUser("carol", prodUsers)
	carol.NoKeys = true
	newFixture(t, newUser("alice", devUsers), carol)

	dry := syncUsers(t, "start", "--dry-run", "--username", "alice", "--follow", "-o", "json")
	assert.Equal(t, success, dry.code, dry.err)
	report := decoded[run.Report](t, dry.out)
	assert.True(t, report.DryRun)
	var summary run.Summary
	require.NoError(t, awss3.NewRuns(cloud.AWS(), cloud.Outputs.RunsBucketName).Load(t.Context(),
		run.Object{Bucket: cloud.Outputs.RunsBucketName, Key: run.SummaryKey(report.Execution)}, &summary), "the function's role may write it")
	assert.Equal(t, report.Summary, summary)
	assert.Equal(t, map[string]run.Outcome{"alice": run.Updated}, outcomes(report))
	assert.Empty(t, mapped(t, email("alice")))

	lift := cloud.SFTPGo.Inject(sftpgo.Fault{Method: http.MethodGet, Path: "/api/v2/users/{name}", Delay: 1500 * time.Millisecond})
	got := syncUsers(t, "start", "--follow")
	lift()
	assert.Equal(t, failure, got.code, "carol has no keys")
	assert.Regexp(t, `alice +alice@example.org +updated +\+digipres-dev1-data \+digipres-dev1-managed`, got.out)
	assert.Regexp(t, `carol +carol@example.org +failed +.*/iam/access_key/carol is missing`, got.out)
	assert.Regexp(t, `(?s)Started start-.*Waiting for the lock.*Syncing [0-2]/2`, got.err)
	assert.Equal(t, devBuckets, mapped(t, email("alice")))

	failed := syncUsers(t, "report", "--failed", "-o", "csv")
	assert.Equal(t, success, failed.code)
	assert.Equal(t, 2, strings.Count(failed.out, "\n"), failed.out)
	assert.Contains(t, failed.out, "\ncarol,carol@example.org,failed,")

	wrong := syncUsers(t, "start", "--follow", "--username", "absent")
	assert.Equal(t, failure, wrong.code)
	assert.Empty(t, wrong.out)
	assert.Contains(t, wrong.err, `there is no IAM user "absent"`)
}

// The page of a run can be opened, whoever did the run: the workflow, or a sync from here.
func TestReportIsOpenedInBrowser(t *testing.T) {
	carol := newUser("carol", prodUsers)
	carol.NoKeys = true
	newFixture(t, newUser("alice", devUsers), carol)
	script := filepath.Join(t.TempDir(), "browser")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\ncat \"${1#file://}\"\n"), 0o755))
	for _, args := range [][]string{{"start", "--follow"}, {"sync", "--yes"}} {
		done := syncUsers(t, append(args, "-o", "json")...)
		require.Equal(t, failure, done.code, done.err)
		report := decoded[run.Report](t, done.out)
		require.Equal(t, "s3://"+cloud.Outputs.RunsBucketName+"/"+run.PageKey(report.Execution), report.Page)
		assert.Contains(t, syncUsers(t, "status").out, report.Page)

		opened := syncUsersWith(t, map[string]string{"BROWSER": script, "TMPDIR": t.TempDir()}, "report", "--open", report.Execution)
		assert.Equal(t, success, opened.code, opened.err)
		body, err := awss3.NewRuns(cloud.AWS(), cloud.Outputs.RunsBucketName).Open(t.Context(),
			run.Object{Bucket: cloud.Outputs.RunsBucketName, Key: run.PageKey(report.Execution)})
		require.NoError(t, err)
		kept, err := io.ReadAll(body)
		require.NoError(t, err)
		assert.Contains(t, opened.err, string(kept), "that of the runs bucket")
		assert.Contains(t, string(kept), "Put both keys into Parameter Store.")
	}
}

func TestTriggerAndFollow(t *testing.T) {
	newFixture(t, newUser("alice", devUsers))
	got := syncUsers(t, "trigger", "--follow", "-o", "csv")
	assert.Equal(t, success, got.code, got.err)
	assert.Contains(t, got.out, "\nalice,alice@example.org,updated,2 buckets added,")
	assert.Contains(t, got.err, "Uploaded s3://"+local.ManagedBucket+"/sync-users/TRIGGER")
	assert.Equal(t, devBuckets, mapped(t, email("alice")))
}

// A sync and a run of the workflow never run at the same time.
func TestLock(t *testing.T) {
	newFixture(t, makeUsers(4)...)
	lift := cloud.SFTPGo.Inject(sftpgo.Fault{Method: http.MethodGet, Path: "/api/v2/users/{name}", Delay: time.Second})
	defer lift()

	// The workflow waits for a sync.
	sync := command(t, nil, "sync", "--yes", "--concurrency", "2", "-o", "json")
	var out bytes.Buffer
	sync.Stdout = &out
	errs, err := sync.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, sync.Start())
	readUntil(t, errs, "Syncing 1/4")
	follow := make(chan output, 1)
	go func() { follow <- syncUsers(t, "start", "--follow", "-o", "json") }()
	readUntil(t, errs, "")
	require.NoError(t, sync.Wait())
	first, second := decoded[run.Report](t, out.String()), decoded[run.Report](t, (<-follow).out)
	assert.Equal(t, 4, first.Totals.Updated)
	assert.Equal(t, 4, second.Totals.Unchanged, "it read everything after the sync had written")
	assert.False(t, second.EndedAt.Before(first.EndedAt))

	// A sync refuses while the workflow runs, or waits for it.
	started := syncUsers(t, "start")
	require.Equal(t, success, started.code, started.err)
	refused := syncUsersUntilRefused(t)
	assert.Empty(t, refused.out)
	assert.Contains(t, refused.err, "an earlier run is in progress")
	assert.Contains(t, refused.err, "--wait")
	waited := syncUsers(t, "sync", "--yes", "--wait", "2m", "-o", "json")
	assert.Equal(t, success, waited.code, waited.err)
	assert.Equal(t, 4, decoded[run.Report](t, waited.out).Totals.Unchanged)
}

// syncUsersUntilRefused syncs until the run that was just started has the lock.
func syncUsersUntilRefused(t *testing.T) output {
	t.Helper()
	for range 20 {
		if got := syncUsers(t, "sync", "--yes"); got.code == failure {
			return got
		}
	}
	t.Fatal("the run never acquired the lock")
	return output{}
}

func TestMakeTargets(t *testing.T) {
	root, err := local.Root()
	require.NoError(t, err)
	newFixture(t, newUser("alice", devUsers), newUser("bob", devUsers))
	folder := t.TempDir()
	credentials := filepath.Join(folder, "credentials")
	require.NoError(t, os.WriteFile(credentials, []byte(
		"[archive]\naws_access_key_id = "+local.AccessKeyID+"\naws_secret_access_key = "+local.SecretAccessKey+"\n"), 0o600))
	// This aws prints its arguments.
	require.NoError(t, os.WriteFile(filepath.Join(folder, "aws"), []byte("#!/bin/sh\necho aws \"$@\"\n"), 0o755))
	mk := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "make", append([]string{"-s", "--no-print-directory", "-C", root}, args...)...)
		cmd.Env = append(os.Environ(), environment(map[string]string{
			"PATH": folder + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME": os.Getenv("HOME"),
			"AWS_SHARED_CREDENTIALS_FILE": credentials, "MAKEFLAGS": " ", "MAKELEVEL": "0",
		})...)
		text, err := cmd.CombinedOutput()
		require.NoError(t, err, string(text))
		return string(text)
	}
	assert.Contains(t, mk("run-sync-users", "p=archive", "u=alice"), "1 updated")
	assert.Empty(t, mapped(t, email("bob")))
	mk("run-sync-users", "p=archive")
	assert.Equal(t, devBuckets, mapped(t, email("bob")))

	assert.Equal(t, "aws s3 cp TRIGGER s3://digipres-dev1-managed/sync-users/TRIGGER --profile archive\n",
		mk("upload", "b=digipres-dev1-managed", "d=sync-users", "f=TRIGGER", "p=archive"))
}
