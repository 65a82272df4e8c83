package endtoend

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/summarize"
	"github.com/digipres/sync-users/statemachine/local/localtest"
)

// A run leaves a page of its report, which only its account can read, and the mail of one
// that failed says where.
func TestRunLeavesAPage(t *testing.T) {
	keyless, hostile := newUser("keyless", devUsers), newUser("mallory", devUsers)
	keyless.NoKeys = true
	hostile.Email, hostile.NoAccount = `<script>alert("mallory")</script>`, true
	resetFixtures(t, newUser("alice", devUsers), keyless, hostile)

	e := triggerRun(t)

	requireFailed(t, e, pathUsersFailed)
	bucket, key := cloud.Outputs.RunsBucketName, run.PageKey(e.name)
	got, err := s3.NewFromConfig(cloud.AWS()).GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	require.NoError(t, err, "summarize-run may write it")
	defer got.Body.Close()
	page, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	assert.Equal(t, "text/html; charset=utf-8", aws.ToString(got.ContentType))
	assert.Contains(t, string(page), "<h1>Run "+e.name+"</h1>")
	assert.Contains(t, string(page), "Put both keys into Parameter Store.")
	assert.Contains(t, string(page), `&lt;script&gt;alert(&#34;mallory&#34;)&lt;/script&gt;`)
	assert.NotContains(t, string(page), "<script>alert")

	report := localtest.ReadReport(t, cloud, e.name)
	uri := run.Object{Bucket: bucket, Key: key}.URI()
	assert.Equal(t, uri, report.Page)
	var same bytes.Buffer
	require.NoError(t, summarize.Page(report, run.Installation{CloudFormationStack: "sync-users", RunsBucket: bucket}).Write(&same))
	assert.Equal(t, same.String(), string(page), "a command line makes the same page of the report")

	mails := receiveMails(t)
	require.Len(t, mails, 1)
	assert.Contains(t, mails[0].Message, "To look at: "+uri+"\n")
	assert.Contains(t, mails[0].Message, "To open it: sync-users report --open "+e.name+"\n")

	response, err := http.Get(cloud.Endpoint + "/" + bucket + "/" + key)
	require.NoError(t, err)
	response.Body.Close()
	assert.Equal(t, http.StatusForbidden, response.StatusCode, "without credentials")
}
