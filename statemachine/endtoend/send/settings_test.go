package send

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/sftp/sftptest"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/partner"
)

// withEnvironment sets variables of the functions until the end of the test, as a deployment with
// the settings of these names would; it takes a tenth of the time.
func withEnvironment(t *testing.T, variables map[string]string) {
	t.Helper()
	client := lambda.NewFromConfig(cloud.AWS())
	for _, name := range []string{"send-files-list-objects", "send-files-send-file"} {
		function, err := client.GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{FunctionName: &name})
		require.NoError(t, err)
		before := function.Environment.Variables
		set := func(ctx context.Context, variables map[string]string) {
			_, err := client.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
				FunctionName: &name, Environment: &types.Environment{Variables: variables},
			})
			require.NoError(t, err)
		}
		changed := maps.Clone(before)
		maps.Copy(changed, variables)
		set(t.Context(), changed)
		t.Cleanup(func() { set(context.Background(), before) })
	}
}

// Objects that are kept are sent once, also if what runs know of them is lost: the record of each
// place tells. An event of an older version that comes late changes nothing.
func TestKeep(t *testing.T) {
	reset(t)
	withoutEvents(t)
	withEnvironment(t, map[string]string{"AFTER": "keep", "EXISTING": "rename"})
	require.NoError(t, os.WriteFile(files()+"/theirs.csv", []byte("theirs"), 0o644))
	upload(t, "theirs.csv", []byte("ours"))
	upload(t, "a", []byte("x"))
	requireSucceeded(t, start(t, `{}`))
	sent := arrived(t)
	assert.Len(t, sent, 3)
	assert.Equal(t, "theirs", sent["theirs.csv"])
	assert.Equal(t, "x", sent["a"])
	assert.Len(t, waiting(t), 2, "they are kept")

	requireNothingToSend(t)
	_, err := s3.NewFromConfig(cloud.AWS()).DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &cloud.Outputs.RunsBucketName, Key: aws.String("manifest.json")})
	require.NoError(t, err)
	again := start(t, `{"sweep":true}`)
	requireSucceeded(t, again)
	assert.Equal(t, 2, readReport(t, again).Totals.Unchanged)
	requireSucceeded(t, start(t, uploadEvent("a")))
	assert.Equal(t, sent, arrived(t))
}

// tagging is a deployment that tags what it has sent, with the password in Secrets Manager and
// invocations of ten seconds.
var tagging = map[string]string{"after": "tag", "sshPassword": "secretsmanager:partner/sftp#password", "invocationSeconds": "10"}

func resetWithTagging(t *testing.T) {
	t.Helper()
	resetWith(t, tagging)
	withoutEvents(t)
	secrets, text := secretsmanager.NewFromConfig(cloud.AWS()), fmt.Sprintf(`{"password":%q}`, cloud.Partner.Password)
	if _, err := secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("partner/sftp"), SecretString: &text}); err != nil {
		require.ErrorContains(t, err, "ResourceExistsException")
	}
}

// An object that was sent is tagged, and not looked at again until there is a new version of it.
func TestTag(t *testing.T) {
	resetWithTagging(t)
	upload(t, "a+b 1.txt", []byte("first"))
	first := start(t, `{}`)
	requireSucceeded(t, first)
	assert.Equal(t, sendfile.Sent, readReport(t, first).Results[0].Outcome)
	tags, err := s3.NewFromConfig(cloud.AWS()).GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{
		Bucket: aws.String(local.SourceBucket), Key: aws.String(local.SourcePrefix + "a+b 1.txt"),
	})
	require.NoError(t, err)
	require.Len(t, tags.TagSet, 1)
	assert.Equal(t, "sent-to=/incoming/a+b 1.txt", *tags.TagSet[0].Key+"="+*tags.TagSet[0].Value)

	requireNothingToSend(t)
	upload(t, "a+b 1.txt", []byte("second"))
	requireSucceeded(t, start(t, `{"sweep":true}`))
	assert.Equal(t, map[string]string{"a+b 1.txt": "second"}, arrived(t))
}

// requireNothingToSend fails unless a run finds nothing to send.
func requireNothingToSend(t *testing.T) {
	t.Helper()
	ended := start(t, `{"sweep":true}`)
	requireSucceeded(t, ended)
	assert.JSONEq(t, fmt.Sprintf(`{"execution":%q,"totals":{"objects":0}}`, *ended.Name), aws.ToString(ended.Output))
}

// What takes longer than an invocation is carried on by the next one.
func TestObjectThatTakesLongerThanAnInvocation(t *testing.T) {
	resetWithTagging(t)
	slowly(t, 1<<20)
	large := content(t, 12<<20)
	upload(t, "large", large)

	ended := start(t, `{}`)

	requireSucceeded(t, ended)
	assert.Equal(t, map[string]string{"large": string(large)}, arrived(t))
	result := readReport(t, ended).Results[0]
	assert.Equal(t, sendfile.Sent, result.Outcome)
	// It may be none, if the last invocation had only to rename the file.
	assert.Less(t, result.BytesSent, int64(len(large)), "an earlier invocation has sent the rest")
}

// An object that was sent is moved. The private key is an object in S3, as the original has it.
func TestArchive(t *testing.T) {
	const keys = "partner-keys"
	resetWith(t, map[string]string{"after": "archive:done/", "sshPrivateKey": keys + ":send/id_ed25519"})
	client := s3.NewFromConfig(cloud.AWS())
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(keys)})
	require.NoError(t, err)
	key := sftptest.Ed25519Key(t)
	admin := cloud.PartnerSFTP.Admin()
	account, ok, err := admin.Account(t.Context(), partner.Username)
	require.NoError(t, err)
	require.True(t, ok)
	account["public_keys"] = []string{sftptest.PublicKey(t, key)}
	require.NoError(t, admin.Do(t.Context(), http.MethodPut, "/api/v2/users/"+partner.Username, account, nil))
	_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(keys), Key: aws.String("send/id_ed25519"), Body: strings.NewReader(sftptest.PEM(t, key, ""))})
	require.NoError(t, err)

	upload(t, "2026/a+b.txt", []byte("x"))
	eventuallySent(t, map[string]string{"2026/a+b.txt": "x"})
	idle(t)

	got, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(local.SourceBucket), Key: aws.String("done/2026/a+b.txt")})
	require.NoError(t, err)
	defer got.Body.Close()
	assert.EqualValues(t, 1, *got.ContentLength)
	assert.Empty(t, mails(t))
}
