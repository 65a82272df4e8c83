package fetch

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/fetchconfig"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/connectors"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/localtest"
	"github.com/digipres/sync-users/statemachine/local/partner"
)

// reset waits until no run is going, and deletes all objects, files, and records of runs.
func reset(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return len(running(t)) == 0 }, localtest.Timeout, localtest.Interval)
	localtest.EmptyBucket(t, cloud, local.TargetBucket)
	localtest.EmptyBucket(t, cloud, cloud.Outputs.RunsBucketName)
	root := filepath.Join(cloud.PartnerSFTP.Files, local.RemoteFolder)
	require.NoError(t, os.RemoveAll(root))
	require.NoError(t, os.MkdirAll(root, 0o755))
	mails(t)
	cloud.Calls.Reset()
}

func running(t *testing.T) []types.ExecutionListItem {
	t.Helper()
	listed, err := sfn.NewFromConfig(cloud.AWS()).ListExecutions(t.Context(), &sfn.ListExecutionsInput{
		StateMachineArn: &cloud.Outputs.StateMachineArn, StatusFilter: types.ExecutionStatusRunning,
	})
	require.NoError(t, err)
	return listed.Executions
}

// remote returns the file of this machine that is a file of the partner's folder.
func remote(name string) string {
	return filepath.Join(cloud.PartnerSFTP.Files, local.RemoteFolder, filepath.FromSlash(name))
}

// upload puts a file onto the partner's server, with a time.
func upload(t *testing.T, name, content string, modified time.Time) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(remote(name)), 0o755))
	require.NoError(t, os.WriteFile(remote(name), []byte(content), 0o644))
	require.NoError(t, os.Chtimes(remote(name), modified, modified))
}

// hourAgo is the time of files for which it does not matter.
func hourAgo() time.Time { return time.Now().Add(-time.Hour) }

// stored returns the content of the objects by their keys without the prefix.
func stored(t *testing.T) map[string]string {
	t.Helper()
	client, found := s3.NewFromConfig(cloud.AWS()), map[string]string{}
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: aws.String(local.TargetBucket), Prefix: aws.String(local.TargetPrefix)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, object := range page.Contents {
			found[(*object.Key)[len(local.TargetPrefix):]] = readObject(t, local.TargetBucket, *object.Key)
		}
	}
	return found
}

func readObject(t *testing.T, bucket, key string) string {
	t.Helper()
	got, err := s3.NewFromConfig(cloud.AWS()).GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	require.NoError(t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	return string(text)
}

// ended is a run that has ended.
type ended struct {
	*sfn.DescribeExecutionOutput
	report fetchrun.Report
}

func (e ended) outcomes() map[string]fetchrun.Outcome {
	all := map[string]fetchrun.Outcome{}
	for _, result := range e.report.Results {
		all[result.Path] = result.Outcome
	}
	return all
}

func (e ended) requireSucceeded(t *testing.T) {
	t.Helper()
	require.Equal(t, types.ExecutionStatusSucceeded, e.Status, "%s %s", aws.ToString(e.Error), aws.ToString(e.Cause))
}

// start starts a run, waits for its end, and reads its report.
func start(t *testing.T, input string) ended {
	t.Helper()
	return await(t, localtest.StartRun(t, cloud, input))
}

func await(t *testing.T, arn string) ended {
	t.Helper()
	e := ended{DescribeExecutionOutput: localtest.WaitForEnd(t, cloud, arn)}
	require.NoError(t, json.Unmarshal([]byte(readObject(t, cloud.Outputs.RunsBucketName, run.ReportKey(*e.Name))), &e.report))
	return e
}

// calls returns how often the functions asked the connector for something, and starts to
// count anew.
func calls(operation string) int {
	count := 0
	for call, n := range cloud.Calls.Total() {
		if call.Service == "transfer" && call.Action == operation {
			count += n
		}
	}
	return count
}

func mails(t *testing.T) []local.Mail {
	t.Helper()
	received, err := local.ReceiveMails(t.Context(), cloud.AWS(), cloud.MailboxURL)
	require.NoError(t, err)
	return received
}

// inject has connectors go wrong until the end of the test.
func inject(t *testing.T, faults *connectors.Faults) (remove func()) {
	t.Helper()
	remove = cloud.Connectors.Inject(faults)
	t.Cleanup(remove)
	return remove
}

// permit sets what the partner's account may do in a folder, until the end of the test.
func permit(t *testing.T, folder string, permissions ...string) {
	t.Helper()
	set := func(ctx context.Context, change func(map[string]any)) error {
		var account fixture.Document
		if err := cloud.PartnerSFTP.Admin().Do(ctx, http.MethodGet, "/api/v2/users/"+partner.Username, nil, &account); err != nil {
			return err
		}
		change(account["permissions"].(map[string]any))
		return cloud.PartnerSFTP.Admin().Do(ctx, http.MethodPut, "/api/v2/users/"+partner.Username+"?disconnect=1", account, nil)
	}
	require.NoError(t, set(t.Context(), func(all map[string]any) { all[folder] = permissions }))
	t.Cleanup(func() {
		require.NoError(t, set(context.Background(), func(all map[string]any) { delete(all, folder) }))
	})
}

// configure changes the sync that is deployed, until the end of the test.
func configure(t *testing.T, change func(*fetchconfig.Sync)) {
	t.Helper()
	client, path := ssm.NewFromConfig(cloud.AWS()), fetchconfig.ParameterPath("fetch-files")+local.FetchSync
	got, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: &path})
	require.NoError(t, err)
	put := func(ctx context.Context, value string) {
		_, err := client.PutParameter(ctx, &ssm.PutParameterInput{Name: &path, Value: &value, Overwrite: aws.Bool(true), Type: ssmtypes.ParameterTypeString})
		require.NoError(t, err)
	}
	sync, err := fetchconfig.ParseSync([]byte(*got.Parameter.Value))
	require.NoError(t, err)
	change(sync)
	put(t.Context(), sync.JSON())
	t.Cleanup(func() { put(context.Background(), *got.Parameter.Value) })
}

// states returns the names of the states that an execution has entered, in order.
func states(t *testing.T, e ended) []string {
	t.Helper()
	var names []string
	pages := sfn.NewGetExecutionHistoryPaginator(sfn.NewFromConfig(cloud.AWS()), &sfn.GetExecutionHistoryInput{ExecutionArn: e.ExecutionArn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, event := range page.Events {
			if event.StateEnteredEventDetails != nil {
				names = append(names, *event.StateEnteredEventDetails.Name)
			}
		}
	}
	return slices.Clip(names)
}
