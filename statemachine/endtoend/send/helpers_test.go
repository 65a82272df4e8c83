package send

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendrun"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// reset waits until no run is going, and deletes all objects, files, and records of runs.
func reset(t testing.TB) {
	t.Helper()
	resetWith(t, nil)
}

// deployed are the settings of the deployment besides those of the laptop cloud.
var deployed map[string]string

// resetWith is reset for a deployment with other settings.
func resetWith(t testing.TB, settings map[string]string) {
	t.Helper()
	idle(t)
	if !maps.Equal(deployed, settings) {
		_, err := cloud.Deploy(t.Context(), settings)
		require.NoError(t, err)
		deployed = settings
	}
	localtest.EmptyBucket(t, cloud, local.SourceBucket)
	localtest.EmptyBucket(t, cloud, cloud.Outputs.RunsBucketName)
	entries, err := os.ReadDir(files())
	require.NoError(t, err)
	for _, entry := range entries {
		require.NoError(t, os.RemoveAll(filepath.Join(files(), entry.Name())))
	}
	mails(t)
}

// files is the folder of the partner's directory.
func files() string { return filepath.Join(cloud.PartnerSFTP.Files, cloud.Partner.Directory) }

func upload(t testing.TB, key string, content []byte) {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(local.SourceBucket), Key: aws.String(local.SourcePrefix + key), Body: bytes.NewReader(content),
	})
	require.NoError(t, err)
}

// arrived returns the content of the partner's files by their paths, without temporary ones.
func arrived(t testing.TB) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(files(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if strings.HasPrefix(entry.Name(), ".") && strings.HasSuffix(entry.Name(), ".part") {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(files(), path)
		found[name] = string(content)
		return err
	})
	require.NoError(t, err)
	return found
}

// waiting returns the keys under the prefix.
func waiting(t testing.TB) []string {
	t.Helper()
	var keys []string
	pages := s3.NewListObjectsV2Paginator(s3.NewFromConfig(cloud.AWS()), &s3.ListObjectsV2Input{
		Bucket: aws.String(local.SourceBucket), Prefix: aws.String(local.SourcePrefix),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, object := range page.Contents {
			keys = append(keys, *object.Key)
		}
	}
	return keys
}

func executions(t testing.TB, status types.ExecutionStatus) []types.ExecutionListItem {
	t.Helper()
	var all []types.ExecutionListItem
	pages := sfn.NewListExecutionsPaginator(sfn.NewFromConfig(cloud.AWS()), &sfn.ListExecutionsInput{
		StateMachineArn: &cloud.Outputs.StateMachineArn, StatusFilter: status,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		all = append(all, page.Executions...)
	}
	return all
}

// idle waits until no run is going.
func idle(t testing.TB) {
	t.Helper()
	require.Eventually(t, func() bool { return len(executions(t, types.ExecutionStatusRunning)) == 0 }, localtest.Timeout, localtest.Interval)
}

// eventuallySent waits until these files have arrived and nothing waits.
func eventuallySent(t testing.TB, want map[string]string) {
	t.Helper()
	require.Eventually(t, func() bool { return len(waiting(t)) == 0 }, localtest.Timeout, localtest.Interval, "all are sent")
	got := arrived(t)
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
	require.Equal(t, want, got)
}

// start starts a run and waits for its end.
func start(t testing.TB, input string) *sfn.DescribeExecutionOutput {
	t.Helper()
	return localtest.WaitForEnd(t, cloud, localtest.StartRun(t, cloud, input))
}

// isBeingSent reports whether there is a temporary file.
func isBeingSent(t testing.TB) bool {
	t.Helper()
	entries, err := os.ReadDir(files())
	require.NoError(t, err)
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasSuffix(e.Name(), ".part") })
}

// slowly has the partner take so many bytes a second of each connection, until the end of the
// test.
func slowly(t testing.TB, bytesPerSecond int64) {
	cloud.PartnerSFTP.SetBytesPerSecond(bytesPerSecond)
	t.Cleanup(func() { cloud.PartnerSFTP.SetBytesPerSecond(0) })
}

func eventually(t testing.TB, condition func() bool, what string) {
	t.Helper()
	require.Eventually(t, condition, localtest.Timeout, localtest.Interval, what)
}

// readReport returns the report of a run.
func readReport(t testing.TB, execution *sfn.DescribeExecutionOutput) (report sendrun.Report) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(readRunsObject(t, run.ReportKey(*execution.Name))), &report))
	return report
}

func readRunsObject(t testing.TB, key string) string {
	t.Helper()
	got, err := s3.NewFromConfig(cloud.AWS()).GetObject(t.Context(), &s3.GetObjectInput{Bucket: &cloud.Outputs.RunsBucketName, Key: &key})
	require.NoError(t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	return string(text)
}

func mails(t testing.TB) []local.Mail {
	t.Helper()
	mails, err := local.ReceiveMails(t.Context(), cloud.AWS(), cloud.MailboxURL)
	require.NoError(t, err)
	return mails
}

// withoutEvents has uploads start no run until the end of the test.
func withoutEvents(t testing.TB) {
	t.Helper()
	rules, rule := eventbridge.NewFromConfig(cloud.AWS()), aws.String("send-files-upload")
	_, err := rules.DisableRule(t.Context(), &eventbridge.DisableRuleInput{Name: rule})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := rules.EnableRule(context.Background(), &eventbridge.EnableRuleInput{Name: rule})
		require.NoError(t, err)
	})
}

func requireSucceeded(t testing.TB, ended *sfn.DescribeExecutionOutput) {
	t.Helper()
	require.Equal(t, types.ExecutionStatusSucceeded, ended.Status, aws.ToString(ended.Cause))
}

// hasReport reports whether a run has written a report, and was not superseded.
func hasReport(t testing.TB, execution string) bool {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).HeadObject(t.Context(), &s3.HeadObjectInput{
		Bucket: &cloud.Outputs.RunsBucketName, Key: aws.String(run.ReportKey(execution)),
	})
	return err == nil
}
