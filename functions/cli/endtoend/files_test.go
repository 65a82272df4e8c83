package endtoend

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/functions/cli/clitest"
	"github.com/digipres/sync-users/functions/cli/finding"
	"github.com/digipres/sync-users/functions/cli/sync-files/view"
	"github.com/digipres/sync-users/shared/adapter/awscloudwatch"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// newFiles replaces what there is by these objects, of which no upload starts a run.
func newFiles(t *testing.T, content map[string]string) {
	t.Helper()
	withoutUploadRule(t)
	for _, bucket := range []string{local.SourceBucket, cloud.Deployments[local.SendFiles].Outputs.RunsBucketName} {
		localtest.EmptyBucket(t, cloud, bucket)
	}
	require.NoError(t, os.RemoveAll(partnerFile("")))
	require.NoError(t, os.MkdirAll(partnerFile(""), 0o755))
	for name, text := range content {
		_, err := s3.NewFromConfig(cloud.AWS()).PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String(local.SourceBucket), Key: aws.String(local.SourcePrefix + name), Body: strings.NewReader(text),
		})
		require.NoError(t, err)
	}
}

// withoutUploadRule has uploads start no run until the end of the test.
func withoutUploadRule(t *testing.T) {
	t.Helper()
	rules, rule := eventbridge.NewFromConfig(cloud.AWS()), aws.String("send-files-upload")
	_, err := rules.DisableRule(t.Context(), &eventbridge.DisableRuleInput{Name: rule})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := rules.EnableRule(context.Background(), &eventbridge.EnableRuleInput{Name: rule})
		require.NoError(t, err)
	})
}

// partnerFile returns where a file of the partner is on this machine.
func partnerFile(name string) string {
	return filepath.Join(cloud.PartnerSFTP.Files, cloud.Partner.Directory, name)
}

func syncFiles(t *testing.T, args ...string) output {
	t.Helper()
	return runProcess(t, commandOf(t, syncFilesProgram, nil, args...))
}

// outcomesOf returns the outcomes of a report by the name of the object.
func outcomesOf(t *testing.T, text string) map[string]sendfile.Outcome {
	t.Helper()
	byName := map[string]sendfile.Outcome{}
	for _, r := range clitest.Decoded[sendrun.Report](t, text).Results {
		byName[strings.TrimPrefix(r.Key, local.SourcePrefix)] = r.Outcome
	}
	return byName
}

func TestFilesCheck(t *testing.T) {
	got := syncFiles(t, "check", "-o", "json")
	assert.Equal(t, success, got.code, got.out)
	found := map[string]finding.Status{}
	for _, f := range clitest.Decoded[[]finding.Finding](t, got.out) {
		found[f.Item] = f.Status
	}
	for _, item := range []string{
		"credentials", "stack", "settings", "state machine", "runs", "source bucket", "rule", "dead-letter queue", "alarms", "mails", "objects",
		"secrets", "address", "host key", "login", "directory",
	} {
		assert.Equal(t, finding.OK, found[item], item)
	}
	withoutUploadRule(t)
	got = syncFiles(t, "check")
	assert.Equal(t, failure, got.code)
	assert.Contains(t, got.out, "the rule send-files-upload is disabled → Turn it on: aws events enable-rule --name send-files-upload")

	cloud.PartnerSFTP.SetDown(true)
	defer cloud.PartnerSFTP.SetDown(false)
	assert.Regexp(t, `✗  address +ask 127.0.0.1:\d+ for its host keys`, syncFiles(t, "check").out)
}

// The host keys of a server can be had without AWS, and before anything is deployed.
func TestFilesCheckHost(t *testing.T) {
	lines := strings.Split(cloud.Partner.HostKeys, ";")
	at := []string{"check", "--host", cloud.Partner.Host, "--port", strconv.Itoa(cloud.Partner.Port)}
	check := func(overrides map[string]string) output {
		overrides["AWS_ACCESS_KEY_ID"], overrides["AWS_ENDPOINT_URL"] = "", ""
		return runProcess(t, commandOf(t, syncFilesProgram, overrides, at...))
	}
	got := check(map[string]string{})
	assert.Equal(t, success, got.code)
	for _, line := range lines {
		assert.Contains(t, got.out, "put this line into sshHostKeys (SSH_HOST_KEYS): "+line+"\n")
	}
	login := map[string]string{
		"SSH_USERNAME": cloud.Partner.Username, "SSH_PASSWORD": cloud.Partner.Password, "SSH_HOST_KEYS": lines[0], "SSH_DIR": cloud.Partner.Directory,
	}
	got = check(login)
	assert.Equal(t, success, got.code, got.out)
	assert.Contains(t, got.out, "✓  login      as "+cloud.Partner.Username)
	assert.Contains(t, got.out, "✓  directory  /incoming can be listed")
	login["SSH_PASSWORD"] = "wrong"
	assert.Contains(t, check(login).out, "✗  login")
}

// An object that can't be sent is planned, fails with what to do, and is sent by a retry.
func TestFilesFromPlanToRetry(t *testing.T) {
	newFiles(t, map[string]string{"a+b & c.csv": "1", "in the way": "2", "Ü/100 %.txt": "3"})
	require.NoError(t, os.Mkdir(partnerFile("in the way"), 0o755))

	plan := syncFiles(t, "send", "plan", "-o", "json")
	assert.Equal(t, changes, plan.code, plan.err)
	assert.Equal(t, map[string]sendfile.Outcome{"a+b & c.csv": sendfile.Sent, "in the way": sendfile.Sent, "Ü/100 %.txt": sendfile.Sent}, outcomesOf(t, plan.out))
	looked := syncFiles(t, "send", "plan", "--existing")
	assert.Equal(t, failure, looked.code, looked.err)
	assert.Regexp(t, `outgoing/in the way +1 B +failed +Conflict: there is a directory at /incoming/in the way`, looked.out)

	dry := syncFiles(t, "send", "run", "--dry-run", "--key", local.SourcePrefix+"a+b & c.csv", "-o", "json")
	assert.Equal(t, success, dry.code, dry.err)
	assert.Equal(t, map[string]sendfile.Outcome{"a+b & c.csv": sendfile.Sent}, outcomesOf(t, dry.out))
	assert.NoFileExists(t, partnerFile("a+b & c.csv"))

	ran := syncFiles(t, "send", "run")
	assert.Equal(t, failure, ran.code)
	assert.Regexp(t, `outgoing/a\+b & c.csv +1 B +sent +[\d.]+ +→ /incoming/a\+b & c.csv`, ran.out)
	assert.Contains(t, ran.out, "Conflict  Have what is in the way removed")
	assert.Contains(t, ran.out, "3 objects: 2 sent (2 B), 0 unchanged, 0 skipped, 1 failed")
	assert.Regexp(t, `(?s)Started start-.*Waiting for the lock.*Sending 3/3 3 B of 3 B`, ran.err)
	assert.FileExists(t, partnerFile("Ü/100 %.txt"))

	status := clitest.Decoded[view.Status](t, syncFiles(t, "send", "status", "-o", "json").out)
	assert.Equal(t, 1, status.Waiting.Objects)
	assert.Equal(t, local.SourcePrefix+"in the way", status.Waiting.Oldest.Key)
	assert.Equal(t, 1, status.Runs[0].Totals.Failed)
	day := clitest.Decoded[sendrun.Day](t, syncFiles(t, "send", "report", "--day", "today", "-o", "json").out)
	assert.Contains(t, day.Failures, local.SourcePrefix+"in the way")
	assertPageOpens(t, status.Runs[0].Run)

	require.NoError(t, os.Remove(partnerFile("in the way")))
	retried := syncFiles(t, "send", "retry", "-o", "json")
	assert.Equal(t, success, retried.code, retried.err)
	assert.Equal(t, map[string]sendfile.Outcome{"in the way": sendfile.Sent}, outcomesOf(t, retried.out))
	assert.FileExists(t, partnerFile("in the way"))
	assert.Contains(t, syncFiles(t, "send", "status").out, "Nothing waits to be sent.")
	again := syncFiles(t, "send", "retry")
	assert.Equal(t, success, again.code)
	assert.Contains(t, again.err, "so there is nothing to send again")
}

// Raised alarms are shown. The laptop cloud raises none by itself.
func TestFilesAlarms(t *testing.T) {
	newFiles(t, nil)
	client, name := awscloudwatch.NewClient(cloud.AWS()), aws.String("send-files-oldest-unsent")
	_, err := client.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: name, AlarmDescription: aws.String("An object has waited."), Namespace: aws.String("SyncUsers"), MetricName: aws.String("OldestUnsentSeconds"),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, EvaluationPeriods: aws.Int32(1), Period: aws.Int32(300), Threshold: aws.Float64(1), Statistic: types.StatisticMaximum,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := client.DeleteAlarms(context.Background(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{*name}})
		require.NoError(t, err)
	})
	_, err = client.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: name, StateValue: types.StateValueAlarm, StateReason: aws.String("test")})
	require.NoError(t, err)
	got := syncFiles(t, "send", "status")
	assert.Equal(t, success, got.code, got.err)
	assert.Regexp(t, `Alarms\noldest-unsent +since .* An object has waited.\n`, got.out)
	assert.Contains(t, got.out, "1 of 1 alarm raised.")
}

// assertPageOpens checks that the page of a run is opened in the browser.
func assertPageOpens(t *testing.T, run string) {
	t.Helper()
	script := filepath.Join(t.TempDir(), "browser")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\ncat \"${1#file://}\"\n"), 0o755))
	opened := runProcess(t, commandOf(t, syncFilesProgram, map[string]string{"BROWSER": script, "TMPDIR": t.TempDir()}, "send", "report", "--open", run))
	assert.Equal(t, success, opened.code, opened.err)
	assert.Contains(t, opened.err, "<h1>Run "+run+"</h1>")
	assert.Contains(t, opened.err, "Have what is in the way removed")
}

// Two objects of those that failed are sent again by one run, and nothing else is.
func TestFilesRetryIsForNothingElse(t *testing.T) {
	newFiles(t, map[string]string{"a": "1", "b": "2"})
	for _, name := range []string{"a", "b"} {
		require.NoError(t, os.Mkdir(partnerFile(name), 0o755))
	}
	failed := syncFiles(t, "send", "run", "-o", "json")
	require.Equal(t, failure, failed.code)
	report := clitest.Decoded[sendrun.Report](t, failed.out)
	require.Equal(t, 2, report.Totals.Failed)
	for _, name := range []string{"a", "b"} {
		require.NoError(t, os.Remove(partnerFile(name)))
	}

	_, err := s3.NewFromConfig(cloud.AWS()).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(local.SourceBucket), Key: aws.String(local.SourcePrefix + "later"), Body: bytes.NewReader(nil),
	})
	require.NoError(t, err)
	retried := syncFiles(t, "send", "retry", report.Execution, "-o", "json")
	assert.Equal(t, success, retried.code, retried.err)
	assert.Equal(t, map[string]sendfile.Outcome{"a": sendfile.Sent, "b": sendfile.Sent}, outcomesOf(t, retried.out))
	assert.NoFileExists(t, partnerFile("later"))
}

// On a terminal a run shows a bar with bytes and their rate, which is removed at the end.
func TestFilesRunOnATerminal(t *testing.T) {
	newFiles(t, map[string]string{"a": strings.Repeat("a", 1<<20), "b": strings.Repeat("b", 3<<20), "c": strings.Repeat("c", 3<<20)})
	cloud.PartnerSFTP.SetBytesPerSecond(1 << 20)
	defer cloud.PartnerSFTP.SetBytesPerSecond(0)
	cmd := commandOf(t, syncFilesProgram, nil, "send", "run")
	shown := readAll(startOnTerminal(t, cmd))
	_ = cmd.Wait()
	assert.Equal(t, success, cmd.ProcessState.ExitCode(), shown)
	bar, report, ok := strings.Cut(shown, "for all objects")
	require.True(t, ok, shown)
	assert.Contains(t, bar, "█")
	assert.Regexp(t, `Sending 1.0 MiB of 7.0 MiB, [\d.]+ [KM]iB/s`, escapes.ReplaceAllString(bar, ""))
	assert.NotContains(t, report, "█")
	assert.Contains(t, report, "\x1b[32msent\x1b[0m")
}

// Ctrl-C stops following; the run goes on.
func TestFilesStopFollowing(t *testing.T) {
	newFiles(t, map[string]string{"a": strings.Repeat("a", 3<<20)})
	cloud.PartnerSFTP.SetBytesPerSecond(1 << 20)
	defer cloud.PartnerSFTP.SetBytesPerSecond(0)
	cmd := commandOf(t, syncFilesProgram, nil, "send", "run")
	var out bytes.Buffer
	cmd.Stdout = &out
	errs, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	readUntil(t, errs, "Sending 0/1")
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	readUntil(t, errs, "No longer following; the run continues.")
	_ = cmd.Wait()
	assert.Equal(t, interrupted, cmd.ProcessState.ExitCode())
	assert.Empty(t, out.String())
	require.Eventually(t, func() bool {
		_, err := os.Stat(partnerFile("a"))
		return err == nil
	}, localtest.Timeout, localtest.Interval)
}
