package fetch

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/fetchconfig"
	"github.com/digipres/sync-users/shared/domain/fetchrun"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/connectors"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// odd are names that are changed or lost by careless encoding.
var odd = []string{
	"plain.txt", "with space.txt", "a+b.csv", "100%.txt", "%41%20.txt", "a@b.org/c.txt", "deep/er/file", "ünïcödé.txt", "日本語/漢字.txt",
	"semi;colon&and=equals?.txt", "quote'\"`$HOME.txt", "#hash~tilde^[x]{y}.txt", ".hidden", `back\slash.txt`, "empty",
}

func TestNames(t *testing.T) {
	reset(t)
	want := map[string]string{}
	for i, name := range odd {
		want[name] = strings.Repeat("x", i*100)
	}
	want["empty"] = ""
	for name, content := range want {
		upload(t, name, content, hourAgo())
	}
	require.NoError(t, os.MkdirAll(remote("empty folder"), 0o755))
	start(t, `{}`).requireSucceeded(t)
	assert.Equal(t, want, stored(t))
	assert.Empty(t, mails(t))
}

// The first run of a tree fetches all of it, the second one asks for listings alone, and
// later ones fetch what has changed, however it has.
func TestTree(t *testing.T) {
	reset(t)
	var folders []string
	for i := 1; i < 32; i++ { // five levels
		folder := ""
		for _, digit := range fmt.Sprintf("%b", i)[1:] {
			folder += fmt.Sprintf("folder %c/", digit)
		}
		folders = append(folders, folder)
	}
	for i := range 2_000 {
		upload(t, fmt.Sprintf("%sfile %04d.dat", folders[i%len(folders)], i), strings.Repeat("x", i%300), hourAgo())
	}
	first := start(t, `{}`)
	first.requireSucceeded(t)
	assert.Equal(t, 2_000, first.report.Totals.Fetched)
	objects := stored(t)
	assert.Len(t, objects, 2_000)
	assert.Equal(t, strings.Repeat("x", 1_999%300), objects[fmt.Sprintf("%sfile 1999.dat", folders[1_999%len(folders)])])
	t.Logf("first run: %d listings, %d transfers, %v", calls("StartDirectoryListing"), calls("StartFileTransfer"), first.StopDate.Sub(*first.StartDate))

	cloud.Calls.Reset()
	second := start(t, `{}`)
	second.requireSucceeded(t)
	assert.Equal(t, fetchrun.Totals{Files: 2_000, Folders: 31, Unchanged: 2_000}, second.report.Totals)
	assert.GreaterOrEqual(t, calls("StartDirectoryListing"), 31)
	assert.Zero(t, calls("StartFileTransfer"))
	t.Logf("second run: %d listings, %v", calls("StartDirectoryListing"), second.StopDate.Sub(*second.StartDate))

	upload(t, folders[3]+"file 0003.dat", "other size", hourAgo())
	upload(t, folders[4]+"file 0004.dat", strings.Repeat("y", 4), time.Now())
	upload(t, "older than all", "old", time.Date(1999, 1, 2, 3, 4, 5, 0, time.UTC))
	upload(t, "of a missed week", "week", time.Now().AddDate(0, 0, -6))
	third := start(t, `{}`)
	third.requireSucceeded(t)
	assert.Len(t, third.report.Results, 4)
	assert.Equal(t, 4, third.report.Totals.Fetched)
	assert.Equal(t, "yyyy", stored(t)[folders[4]+"file 0004.dat"])
}

func TestExactPathOfStates(t *testing.T) {
	reset(t)
	upload(t, "a/b", "x", hourAgo())
	walk := []string{"List each folder", "Collect level", "Are there folders to list?"}
	want := []string{"Begin", "Plan run", "Are there folders to list?"}
	want = append(append(want, walk...), walk...)
	want = append(want, "Fetch each batch", "Is there anything to clean up?", "Summarize run", "Is there a mail?", "Did anything fail?", "Done")
	assert.Equal(t, want, states(t, start(t, `{}`)))
}

// What happens to a file while a run goes on.
func TestChangesDuringARun(t *testing.T) {
	reset(t)
	for _, name := range []string{"stays", "grows", "vanishes"} {
		upload(t, name, "12345", hourAgo())
	}
	var once sync.Once
	remove := inject(t, &connectors.Faults{Before: func(_ context.Context, work connectors.Work) *connectors.Failure {
		if work.Operation == "StartFileTransfer" {
			once.Do(func() {
				_ = os.Remove(remote("vanishes"))
				_ = os.WriteFile(remote("grows"), []byte("1234567890"), 0o644)
			})
		}
		return nil
	}})
	first := start(t, `{}`)
	first.requireSucceeded(t)
	assert.Equal(t, map[string]fetchrun.Outcome{
		"/outgoing/stays": fetchrun.Fetched, "/outgoing/grows": fetchrun.Waiting, "/outgoing/vanishes": fetchrun.Vanished,
	}, first.outcomes())
	remove()
	second := start(t, `{}`)
	second.requireSucceeded(t)
	assert.Equal(t, map[string]fetchrun.Outcome{"/outgoing/grows": fetchrun.Fetched}, second.outcomes())
	assert.Equal(t, map[string]string{"stays": "12345", "grows": "1234567890"}, stored(t))
}

// One folder without permission fails by name; the others are fetched.
func TestFolderWithoutPermission(t *testing.T) {
	reset(t)
	upload(t, "good/a", "x", hourAgo())
	upload(t, "secret/b", "x", hourAgo())
	permit(t, local.RemoteFolder+"/secret", "upload")
	run := start(t, `{}`)
	assert.Equal(t, types.ExecutionStatusFailed, run.Status)
	assert.Equal(t, "FilesFailed", aws.ToString(run.Error))
	assert.Equal(t, map[string]string{"good/a": "x"}, stored(t))
	require.Len(t, run.report.Folders, 1)
	assert.Equal(t, "/outgoing/secret", run.report.Folders[0].Path)
	assert.Equal(t, "PermissionDenied", run.report.Folders[0].Error)
	received := mails(t)
	require.Len(t, received, 1)
	for _, text := range []string{"/outgoing/secret/", "PermissionDenied", "Ask the partner", *run.Name} {
		assert.Contains(t, received[0].Message, text)
	}
}

func TestServerDown(t *testing.T) {
	reset(t)
	upload(t, "a", "x", hourAgo())
	cloud.PartnerSFTP.SetDown(true)
	defer cloud.PartnerSFTP.SetDown(false)
	run := start(t, `{}`)
	assert.Equal(t, types.ExecutionStatusFailed, run.Status)
	assert.Equal(t, "Unavailable", aws.ToString(run.Error))
	assert.Zero(t, calls("StartDirectoryListing"), "one failure, and not one for each folder")
	assert.Len(t, mails(t), 1)
	cloud.PartnerSFTP.SetDown(false)
	start(t, `{}`).requireSucceeded(t)
	assert.Len(t, stored(t), 1)
}

// The connector is throttled, its queue is full for a while, transfers fail at first, and
// events are lost or come twice: all is fetched, each file once.
func TestFaultsThatPass(t *testing.T) {
	reset(t)
	want := map[string]string{}
	for i := range 60 {
		name := fmt.Sprintf("%d/file %d", i%3, i)
		want[name] = fmt.Sprint("content ", i)
		upload(t, name, want[name], hourAgo())
	}
	var mu sync.Mutex
	refused, failed, events := 0, map[string]bool{}, 0
	inject(t, &connectors.Faults{
		Refuse: func(connectors.Work) *connectors.Refusal {
			mu.Lock()
			defer mu.Unlock()
			if refused++; refused%4 == 1 {
				return connectors.Throttling
			}
			return nil
		},
		Before: func(_ context.Context, work connectors.Work) *connectors.Failure {
			mu.Lock()
			defer mu.Unlock()
			if work.Operation == "StartFileTransfer" && strings.HasSuffix(work.Path, "7") && !failed[work.Path] {
				failed[work.Path] = true
				return &connectors.Failure{Code: "CONNECTION_ERROR", Message: "connection reset"}
			}
			return nil
		},
		Deliver: func(connectors.Event) []time.Duration {
			mu.Lock()
			defer mu.Unlock()
			if events++; events%2 == 0 {
				return nil
			}
			return []time.Duration{0, 50 * time.Millisecond}
		},
	})
	run := start(t, `{}`)
	run.requireSucceeded(t)
	assert.Equal(t, want, stored(t))
	assert.Equal(t, 60, run.report.Totals.Fetched)
	assert.NotEmpty(t, failed)
	cloud.Calls.Reset()
	start(t, `{}`).requireSucceeded(t)
	assert.Zero(t, calls("StartFileTransfer"))
}

// A manifest that is damaged is said so, and made anew without fetching anything.
func TestManifestDamaged(t *testing.T) {
	reset(t)
	for i := range 12 {
		upload(t, fmt.Sprintf("file %d", i), "x", hourAgo())
	}
	start(t, `{}`).requireSucceeded(t)
	client := s3.NewFromConfig(cloud.AWS())
	listed, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &cloud.Outputs.RunsBucketName, Prefix: aws.String("manifest/")})
	require.NoError(t, err)
	require.NotEmpty(t, listed.Contents)
	for _, object := range listed.Contents {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &cloud.Outputs.RunsBucketName, Key: object.Key, Body: strings.NewReader(`[{"fol`)})
		require.NoError(t, err)
	}
	cloud.Calls.Reset()
	run := start(t, `{}`)
	run.requireSucceeded(t)
	assert.Equal(t, 12, run.report.Totals.Unchanged)
	assert.Zero(t, calls("StartFileTransfer"))
	require.Len(t, run.report.Notes, 1)
	assert.Contains(t, run.report.Notes[0], "/outgoing was damaged")
	assert.Empty(t, start(t, `{}`).report.Notes)
}

func TestAgainAndDryRun(t *testing.T) {
	reset(t)
	upload(t, "a", "x", hourAgo())
	upload(t, "b", "x", hourAgo())
	dry := start(t, `{"dryRun":true}`)
	dry.requireSucceeded(t)
	assert.Equal(t, 2, dry.report.Totals.Fetched)
	assert.Empty(t, stored(t))
	start(t, `{}`).requireSucceeded(t)

	localtest.EmptyBucket(t, cloud, local.TargetBucket)
	start(t, `{"sync":"outgoing"}`).requireSucceeded(t)
	assert.Empty(t, stored(t), "only if asked")
	start(t, `{"again":["/outgoing/a"]}`).requireSucceeded(t)
	assert.Equal(t, map[string]string{"a": "x"}, stored(t))
	start(t, `{"FromTimestamp":0}`).requireSucceeded(t)
	assert.Equal(t, map[string]string{"a": "x", "b": "x"}, stored(t))
}

func TestInvalidInput(t *testing.T) {
	reset(t)
	run := start(t, `{"sync":"daily"}`)
	assert.Equal(t, "InvalidInput", aws.ToString(run.Error))
	assert.Contains(t, aws.ToString(run.Cause), "outgoing", "it names what there is")
}

// Two schedules at the same time: one fetches, and the other leaves it to that one.
func TestTwoSchedulesAtOnce(t *testing.T) {
	reset(t)
	for i := range 30 {
		upload(t, fmt.Sprint(i), "x", hourAgo())
	}
	const input = `{"sync":"outgoing","scheduled":true}`
	first, second := localtest.StartRun(t, cloud, input), localtest.StartRun(t, cloud, input)
	superseded := 0
	for _, arn := range []string{first, second} {
		e := localtest.WaitForEnd(t, cloud, arn)
		assert.Equal(t, types.ExecutionStatusSucceeded, e.Status, aws.ToString(e.Cause))
		if strings.Contains(aws.ToString(e.Output), "Superseded") {
			superseded++
		}
	}
	assert.LessOrEqual(t, superseded, 1)
	assert.Len(t, stored(t), 30)
	assert.Equal(t, 3, calls("StartFileTransfer"), "each file once")
}

// What was fetched is removed from the server.
func TestDeleteAfterwards(t *testing.T) {
	reset(t)
	configure(t, func(s *fetchconfig.Sync) { s.After = fetchconfig.After{Delete: true} })
	upload(t, "a", "x", hourAgo())
	upload(t, "sub/b", "y", hourAgo())
	run := start(t, `{}`)
	run.requireSucceeded(t)
	assert.Equal(t, 2, run.report.Totals.Removed)
	assert.NoFileExists(t, remote("a"))
	assert.NoFileExists(t, remote("sub/b"))
	assert.Equal(t, map[string]string{"a": "x", "sub/b": "y"}, stored(t))
}

func TestSettleAndDates(t *testing.T) {
	reset(t)
	configure(t, func(s *fetchconfig.Sync) {
		s.Settle, s.RemoteFolders.Folder, s.Strip = fetchconfig.Duration(time.Second), "/outgoing/%year%-%month%-%day%", "/outgoing"
	})
	today := time.Now().UTC().Format(time.DateOnly)
	upload(t, today+"/a", "x", hourAgo())
	assert.Equal(t, map[string]fetchrun.Outcome{"/outgoing/" + today + "/a": fetchrun.Waiting}, start(t, `{}`).outcomes())
	start(t, `{}`).requireSucceeded(t)
	assert.Equal(t, map[string]string{today + "/a": "x"}, stored(t))
}

// Functions are killed while they fetch: everything arrives all the same, and nothing is
// fetched by the next run.
func TestKilledFunctions(t *testing.T) {
	reset(t)
	for i := range 40 {
		upload(t, fmt.Sprintf("%d/file %d", i%4, i), "x", hourAgo())
	}
	inject(t, &connectors.Faults{Before: func(ctx context.Context, work connectors.Work) *connectors.Failure {
		if work.Operation == "StartFileTransfer" {
			select { // long enough for the functions to be killed while they wait
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
		}
		return nil
	}})
	arn, kills := localtest.StartRun(t, cloud, `{}`), 0
	require.Eventually(t, func() bool {
		if kills < 3 {
			kills += cloud.Functions.Kill("fetch-files-fetch-batch")
		}
		return len(running(t)) == 0
	}, localtest.Timeout, localtest.Interval)
	require.Positive(t, kills)
	await(t, arn).requireSucceeded(t)
	assert.Len(t, stored(t), 40)
	cloud.Calls.Reset()
	start(t, `{}`).requireSucceeded(t)
	assert.Zero(t, calls("StartFileTransfer"))
}
