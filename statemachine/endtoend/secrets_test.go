package endtoend

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	plantedSecret = "planted/secret+of/alice0000000000000000"
	plantedID     = "AKIAPLANTEDFORALICE0"
)

// Each place must also have a text that is known to be there, which shows that
// the search read it.
func TestSecretsAreInNothingThatARunWrites(t *testing.T) {
	keyless := newUser("keyless", devUsers)
	keyless.NoKeys = true
	resetFixtures(t, newUser("alice", devUsers), keyless)
	require.NoError(t, fixtures.StoreKeys(t.Context(), "alice", plantedID, plantedSecret))
	e := triggerRun(t)
	requireFailed(t, e, pathUsersFailed)
	assert.Equal(t, plantedID, s3config(mappedFolders(t, email("alice"))["/digipres-dev1-data"])["access_key"], "the keys were used")

	template, err := os.ReadFile(cloud.Template)
	require.NoError(t, err)
	var mailed strings.Builder
	for _, mail := range receiveMails(t) {
		mailed.WriteString(mail.Subject + mail.Message)
	}
	places := []struct {
		name, text, mustHave string
	}{
		{"histories of runs", histories(t, slices.Collect(maps.Keys(executions(t)))), `"Sync each user"`},
		{"histories of single users", histories(t, childExecutions(t)), `"Sync user"`},
		{"runs bucket", allObjects(t, cloud.Outputs.RunsBucketName), "<h1>Run " + e.name + "</h1>"},
		{"logs", allLogs(t), "alice@example.org"},
		{"mail", mailed.String(), "keyless@example.org"},
		{"template", string(template), "ssm:/sftpgo/password"},
	}
	for _, place := range places {
		assert.Contains(t, place.text, place.mustHave, "%s was not searched", place.name)
		for name, secret := range map[string]string{
			"secret key": plantedSecret, "SFTPGo's password": cloud.SFTPGoPassword,
		} {
			assert.False(t, strings.Contains(place.text, secret), "%s holds the %s", place.name, name)
		}
	}
}

// histories returns the histories of executions, as text.
func histories(t *testing.T, arns []string) string {
	t.Helper()
	var all strings.Builder
	for _, arn := range arns {
		e := execution{arn: arn}
		e.readHistory(t)
		all.WriteString(e.historyAsText)
	}
	return all.String()
}

// childExecutions returns the ARNs of the executions of single users, in every run so far.
func childExecutions(t *testing.T) (arns []string) {
	t.Helper()
	machines := sfn.NewFromConfig(cloud.AWS())
	for run := range executions(t) {
		mapRuns := sfn.NewListMapRunsPaginator(machines, &sfn.ListMapRunsInput{ExecutionArn: &run})
		for mapRuns.HasMorePages() {
			page, err := mapRuns.NextPage(t.Context())
			require.NoError(t, err)
			for _, mapRun := range page.MapRuns {
				children := sfn.NewListExecutionsPaginator(machines, &sfn.ListExecutionsInput{MapRunArn: mapRun.MapRunArn})
				for children.HasMorePages() {
					page, err := children.NextPage(t.Context())
					require.NoError(t, err)
					for _, child := range page.Executions {
						arns = append(arns, *child.ExecutionArn)
					}
				}
			}
		}
	}
	return arns
}

func allObjects(t *testing.T, bucket string) string {
	t.Helper()
	var all strings.Builder
	pages := s3.NewListObjectsV2Paginator(s3.NewFromConfig(cloud.AWS()), &s3.ListObjectsV2Input{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, o := range page.Contents {
			all.Write(readObject(t, bucket, aws.ToString(o.Key)))
		}
	}
	return all.String()
}

func allLogs(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(cloud.Logs, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	require.NoError(t, err)
	return all.String()
}
