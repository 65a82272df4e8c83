package endtoend

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/localtest"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// execution is an execution that has ended.
type execution struct {
	name, arn     string
	status        types.ExecutionStatus
	output        string
	err, cause    string
	path          []string // the states entered, in order
	largestInOut  int      // bytes of the largest state input or output
	historyAsText string
}

// startRun starts a run with an input and waits for its end.
func startRun(t testing.TB, input string) execution {
	t.Helper()
	return waitForEnd(t, localtest.StartRun(t, cloud, input))
}

// triggerRun uploads TRIGGER and waits for the end of the run that it starts.
func triggerRun(t testing.TB) execution {
	t.Helper()
	return waitForEnd(t, localtest.TriggerRuns(t, cloud, 1)[0])
}

func upload(t testing.TB, key string) {
	t.Helper()
	localtest.Upload(t, cloud, key)
}

// executions returns the ARNs of all executions of the workflow.
func executions(t testing.TB) map[string]bool {
	t.Helper()
	return localtest.Executions(t, cloud)
}

// waitForEnd waits until an execution has ended, and reads its history.
func waitForEnd(t testing.TB, arn string) execution {
	t.Helper()
	got := localtest.WaitForEnd(t, cloud, arn)
	e := execution{
		name: aws.ToString(got.Name), arn: arn, status: got.Status, output: aws.ToString(got.Output),
		err: aws.ToString(got.Error), cause: aws.ToString(got.Cause),
	}
	e.readHistory(t)
	return e
}

func (e *execution) readHistory(t testing.TB) {
	t.Helper()
	pages := sfn.NewGetExecutionHistoryPaginator(sfn.NewFromConfig(cloud.AWS()), &sfn.GetExecutionHistoryInput{ExecutionArn: &e.arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		text, err := json.Marshal(page)
		require.NoError(t, err)
		e.historyAsText += string(text)
		for _, event := range page.Events {
			if entered := event.StateEnteredEventDetails; entered != nil {
				e.path = append(e.path, *entered.Name)
				e.largestInOut = max(e.largestInOut, len(aws.ToString(entered.Input)))
			}
			if exited := event.StateExitedEventDetails; exited != nil {
				e.largestInOut = max(e.largestInOut, len(aws.ToString(exited.Output)))
			}
		}
	}
}

// The states that a run for everybody can enter, in order.
var (
	pathToServer       = []string{"For everybody?", "List accounts", "Discover users", "Anyone to sync?", "Check server"}
	pathSucceeded      = after(pathToServer, "Sync each user", "Delete leftovers", "Summarize run", "Did anyone fail?", "Done")
	pathTriggerDeleted = after(pathToServer, "Sync each user", "Delete leftovers", "Summarize run", "Did anyone fail?", "Delete TRIGGER", "Done")
	pathUsersFailed    = after(pathToServer, "Sync each user", "Delete leftovers", "Summarize run", "Did anyone fail?", "Some failed", "Publish failure", "Failed")
	pathServerFailed   = after(pathToServer, pathMailed...)
	pathSuperseded     = []string{"For everybody?", "List accounts", "Discover users", "Superseded"}
	pathDiscoverFailed = after([]string{"For everybody?", "List accounts", "Discover users"}, pathMailed...)
	pathNothingChanged = []string{"For everybody?", "Discover users", "Anyone to sync?", "Nothing changed"}
	pathMailed         = []string{"Has an explanation?", "Read explanation", "Explain error", "Publish failure", "Failed"}
)

// after returns a path that goes on with other states.
func after(path []string, states ...string) []string { return slices.Concat(path, states) }

// withoutListing returns a path of a run for everybody as that of any other run.
func withoutListing(path []string) []string {
	return slices.DeleteFunc(slices.Clone(path), func(state string) bool { return state == "List accounts" })
}

// holdSyncs makes the syncs of users wait until release is called; begun waits until one
// of them does.
func holdSyncs(t testing.TB) (begun, release func()) {
	t.Helper()
	route := sftpgo.Route{Method: http.MethodGet, Path: "/api/v2/users/{name}"}
	release = cloud.SFTPGo.Inject(sftpgo.Fault{Method: route.Method, Path: route.Path, Delay: time.Hour})
	begun = func() {
		t.Helper()
		eventually(t, "a sync has begun", func() bool { return cloud.SFTPGo.Calls()[route] > 0 })
	}
	return begun, release
}

// requireSucceeded requires that a run succeeded by a path.
func requireSucceeded(t testing.TB, e execution, path []string) {
	t.Helper()
	require.Equal(t, types.ExecutionStatusSucceeded, e.status, "%s: %s", e.err, e.cause)
	require.Equal(t, path, e.path)
}

// requireFailed requires that a run failed by a path.
func requireFailed(t testing.TB, e execution, path []string) {
	t.Helper()
	require.Equal(t, types.ExecutionStatusFailed, e.status)
	require.Equal(t, path, e.path)
}

// readReport returns the results of a run by username, or by the account that nobody
// claims.
func readReport(t testing.TB, e execution) map[string]run.Result {
	t.Helper()
	report := localtest.ReadReport(t, cloud, e.name)
	results := map[string]run.Result{}
	for _, result := range report.Results {
		results[cmp.Or(result.Username, result.Email)] = result
	}
	require.Len(t, results, report.Totals.Users)
	return results
}

func readObject(t testing.TB, bucket, key string) []byte {
	t.Helper()
	got, err := s3.NewFromConfig(cloud.AWS()).GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	require.NoError(t, err, "s3://%s/%s", bucket, key)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	return body
}

// triggerExists returns whether TRIGGER is in the managed bucket.
func triggerExists(t testing.TB) bool {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).HeadObject(t.Context(), &s3.HeadObjectInput{
		Bucket: aws.String(local.ManagedBucket), Key: aws.String(run.TriggerKey),
	})
	if errors.As(err, new(*s3types.NotFound)) {
		return false
	}
	require.NoError(t, err)
	return true
}

// receiveMails returns the mails since its last call.
func receiveMails(t testing.TB) []local.Mail {
	t.Helper()
	got, err := cloud.ReceiveMails(t.Context())
	require.NoError(t, err)
	return got
}
