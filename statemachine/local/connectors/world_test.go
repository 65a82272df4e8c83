package connectors_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/childproc"
	"github.com/digipres/sync-users/statemachine/local/connectors"
	"github.com/digipres/sync-users/statemachine/local/gateway"
	"github.com/digipres/sync-users/statemachine/local/moto"
	"github.com/digipres/sync-users/statemachine/local/partner"
)

// How long anything may take to happen, and how often tests look.
const (
	timeout  = 30 * time.Second
	interval = 20 * time.Millisecond
)

// servers are the moto and the partner's server that all tests share. They start with the
// first test that needs them.
type servers struct {
	moto    *moto.Server
	partner *partner.Server
	folder  string
}

var start = sync.OnceValues(func() (s *servers, err error) {
	s = new(servers)
	started = s
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	build, err := filepath.Abs(filepath.Join("..", "..", "..", ".build"))
	if err != nil {
		return nil, err
	}
	if s.folder, err = os.MkdirTemp("", "connectors-test-"); err != nil {
		return nil, err
	}
	errlog := log.New(os.Stderr, "", 0)
	s.moto, err = moto.Start(ctx, moto.Config{
		Python: filepath.Join(build, "venv", "bin", "python"), Launcher: filepath.Join("..", "moto", "launcher.py"), Log: filepath.Join(build, "connectors-test-moto.log"),
	})
	if err != nil {
		return nil, fmt.Errorf("moto (`make setup` fetches it): %w", err)
	}
	s.partner, err = partner.New(partner.Config{
		Binary: filepath.Join(build, "sftpgo", "sftpgo"), Folder: s.folder, Log: filepath.Join(build, "connectors-test-partner.log"), ErrorLog: errlog,
	})
	if err != nil {
		return nil, err
	}
	return s, s.partner.Start(ctx)
})

// started are the servers once they begin to start.
var started *servers

func TestMain(m *testing.M) {
	childproc.ExitIfWatchdog()
	code := m.Run()
	if started != nil {
		if started.partner != nil {
			started.partner.Stop()
		}
		if started.moto != nil {
			started.moto.Stop()
		}
		_ = os.RemoveAll(started.folder)
	}
	os.Exit(code)
}

// world is what a test has for itself: a connector with its role, a directory of the
// partner's server, a bucket, a queue with the connector's events, and a service whose faults and
// rates are its own.
type world struct {
	*servers
	*testing.T
	service   *connectors.Service
	calls     *gateway.Counter
	aws       aws.Config
	transfer  *transfer.Client
	connector string
	secret    string
	bucket    string
	role      string
	queueURL  string
	// directory is the partner's, and files the folder of this machine that it is.
	directory, files string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldAt(t, nil)
}

// newWorldAt makes a world with a clock for the service.
func newWorldAt(t *testing.T, now func() time.Time) *world {
	t.Helper()
	shared, err := start()
	require.NoError(t, err)
	name := strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-"))
	w := &world{servers: shared, T: t, bucket: name, directory: "/" + name, files: filepath.Join(shared.partner.Files, name)}
	require.NoError(t, os.MkdirAll(w.files, 0o755))

	errlog := log.New(testWriter{t}, "", 0)
	w.service = connectors.New(connectors.Config{Endpoint: shared.moto.URL.String(), ErrorLog: errlog, Now: now})
	w.calls = gateway.NewCounter(func(string) string { return "" })
	front := gateway.New(shared.moto.URL, nil, w.calls, errlog)
	front.Delegate(connectors.ServiceName, w.service, connectors.Operations...)
	server := httptest.NewServer(front)
	t.Cleanup(server.Close)
	t.Cleanup(w.service.Stop)
	w.aws = moto.AWS(server.URL, moto.RootKey)
	// The SDK would hide what is throttled.
	w.transfer = transfer.NewFromConfig(w.aws, func(o *transfer.Options) { o.Retryer = aws.NopRetryer{} })

	_, err = s3.NewFromConfig(w.aws).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &w.bucket})
	require.NoError(t, err)
	w.secret = w.createSecret(name, map[string]string{"Username": partner.Username, "Password": shared.partner.Password})
	w.role = w.createRole(name, w.bucket, w.secret)
	created, err := w.transfer.CreateConnector(t.Context(), &transfer.CreateConnectorInput{
		Url: aws.String(fmt.Sprintf("sftp://127.0.0.1:%d", shared.partner.Port())), AccessRole: &w.role,
		SftpConfig: &types.SftpConnectorConfig{UserSecretId: &w.secret, TrustedHostKeys: w.hostKeys(), MaxConcurrentConnections: aws.Int32(5)},
	})
	require.NoError(t, err)
	w.connector = *created.ConnectorId
	w.queueURL = w.watch(name, "")
	return w
}

// testWriter writes into a test's log.
type testWriter struct{ *testing.T }

func (w testWriter) Write(text []byte) (int, error) {
	w.Log(string(text))
	return len(text), nil
}

// hostKeys are the partner's that connectors take.
func (w *world) hostKeys() (keys []string) {
	for key := range strings.SplitSeq(w.partner.HostKeys, ";") {
		if !strings.HasPrefix(key, "ssh-ed25519") {
			keys = append(keys, key)
		}
	}
	return keys
}

func (w *world) createSecret(name string, value any) (arn string) {
	w.Helper()
	created, err := secretsmanager.NewFromConfig(w.aws).CreateSecret(w.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String(toJSON(w.T, value))})
	require.NoError(w, err)
	return *created.ARN
}

// createRole makes a role for Transfer that reads a secret and reads and writes a bucket.
func (w *world) createRole(name, bucket, secret string) (arn string) {
	w.Helper()
	allow := func(action any, resource string) map[string]any {
		return map[string]any{"Effect": "Allow", "Action": action, "Resource": resource}
	}
	client := iam.NewFromConfig(w.aws)
	created, err := client.CreateRole(w.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(policy(w.T,
		map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "transfer.amazonaws.com"}},
	))})
	require.NoError(w, err)
	_, err = client.PutRolePolicy(w.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("access"), PolicyDocument: aws.String(policy(w.T,
		allow("secretsmanager:GetSecretValue", secret), allow([]string{"s3:PutObject", "s3:GetObject"}, "arn:aws:s3:::"+bucket+"/*"),
		allow("s3:ListBucket", "arn:aws:s3:::"+bucket),
	))})
	require.NoError(w, err)
	return *created.Role.Arn
}

// watch has events of the connector go to a new queue, those of one detail type or all.
func (w *world) watch(name, detailType string) (queueURL string) {
	w.Helper()
	queue, err := sqs.NewFromConfig(w.aws).CreateQueue(w.Context(), &sqs.CreateQueueInput{QueueName: &name})
	require.NoError(w, err)
	pattern := map[string]any{"source": []string{"aws.transfer"}, "detail": map[string]any{"connector-id": []string{w.connector}}}
	if detailType != "" {
		pattern["detail-type"] = []string{detailType}
	}
	events := eventbridge.NewFromConfig(w.aws)
	_, err = events.PutRule(w.Context(), &eventbridge.PutRuleInput{Name: &name, EventPattern: aws.String(toJSON(w.T, pattern))})
	require.NoError(w, err)
	_, err = events.PutTargets(w.Context(), &eventbridge.PutTargetsInput{Rule: &name, Targets: []eventtypes.Target{{Id: aws.String("1"), Arn: aws.String("arn:aws:sqs:us-east-1:123456789012:" + name)}}})
	require.NoError(w, err)
	return *queue.QueueUrl
}

// event is one of the connector's, as a queue has it.
type event struct {
	Source     string
	DetailType string `json:"detail-type"`
	Resources  []string
	Detail     map[string]any
}

// receive waits for so many events in a queue, and returns them in the order they came.
func (w *world) receive(queueURL string, n int) (events []event) {
	w.Helper()
	queues := sqs.NewFromConfig(w.aws)
	require.Eventually(w, func() bool {
		got, err := queues.ReceiveMessage(w.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queueURL, MaxNumberOfMessages: 10})
		require.NoError(w, err)
		for _, message := range got.Messages {
			var e event
			require.NoError(w, json.Unmarshal([]byte(*message.Body), &e))
			events = append(events, e)
			_, err := queues.DeleteMessage(w.Context(), &sqs.DeleteMessageInput{QueueUrl: &queueURL, ReceiptHandle: message.ReceiptHandle})
			require.NoError(w, err)
		}
		return len(events) >= n
	}, timeout, interval, "%d events", n)
	require.Len(w, events, n)
	return events
}

// write writes a file into the partner's directory, and returns its path there.
func (w *world) write(name, text string, modified time.Time) string {
	w.Helper()
	file := filepath.Join(w.files, name)
	require.NoError(w, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(w, os.WriteFile(file, []byte(text), 0o644))
	require.NoError(w, os.Chtimes(file, modified, modified))
	return w.directory + "/" + name
}

func (w *world) put(key, text string) {
	w.Helper()
	_, err := s3.NewFromConfig(w.aws).PutObject(w.Context(), &s3.PutObjectInput{Bucket: &w.bucket, Key: &key, Body: strings.NewReader(text)})
	require.NoError(w, err)
}

func (w *world) object(key string) string {
	w.Helper()
	got, err := s3.NewFromConfig(w.aws).GetObject(w.Context(), &s3.GetObjectInput{Bucket: &w.bucket, Key: &key})
	require.NoError(w, err, key)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	require.NoError(w, err)
	return string(text)
}

func (w *world) list(directory string, items int32) (*transfer.StartDirectoryListingOutput, error) {
	input := &transfer.StartDirectoryListingInput{ConnectorId: &w.connector, RemoteDirectoryPath: &directory, OutputDirectoryPath: aws.String("/" + w.bucket + "/listings")}
	if items > 0 {
		input.MaxItems = &items
	}
	return w.transfer.StartDirectoryListing(w.Context(), input)
}

func (w *world) retrieve(paths ...string) (string, error) {
	output, err := w.transfer.StartFileTransfer(w.Context(), &transfer.StartFileTransferInput{
		ConnectorId: &w.connector, RetrieveFilePaths: paths, LocalDirectoryPath: aws.String("/" + w.bucket + "/in"),
	})
	if err != nil {
		return "", err
	}
	return *output.TransferId, nil
}

// finish waits for the end of a transfer, and returns its results.
func (w *world) finish(transferID string) (results []types.ConnectorFileTransferResult) {
	w.Helper()
	require.Eventually(w, func() bool {
		results = w.results(transferID)
		for _, result := range results {
			if result.StatusCode != types.TransferTableStatusCompleted && result.StatusCode != types.TransferTableStatusFailed {
				return false
			}
		}
		return true
	}, timeout, interval)
	return results
}

func (w *world) results(transferID string) []types.ConnectorFileTransferResult {
	w.Helper()
	got, err := w.transfer.ListFileTransferResults(w.Context(), &transfer.ListFileTransferResultsInput{ConnectorId: &w.connector, TransferId: &transferID})
	require.NoError(w, err)
	return got.FileTransferResults
}

func (w *world) update(config types.SftpConnectorConfig) {
	w.Helper()
	_, err := w.transfer.UpdateConnector(w.Context(), &transfer.UpdateConnectorInput{ConnectorId: &w.connector, SftpConfig: &config})
	require.NoError(w, err)
}

// forbid has the partner's account do nothing but these things in a directory.
func (w *world) forbid(directory string, allowed ...string) {
	w.Helper()
	lock.Lock()
	defer lock.Unlock()
	admin := w.partner.Admin()
	account, ok, err := admin.Account(w.Context(), partner.Username)
	require.NoError(w, err)
	require.True(w, ok)
	account["permissions"].(map[string]any)[directory] = allowed
	require.NoError(w, admin.Do(w.Context(), http.MethodPut, "/api/v2/users/"+partner.Username, account, nil))
}

// lock is for edits of the partner's account, which all tests share.
var lock sync.Mutex

// pick returns fields of an event's details.
func (e event) pick(names ...string) map[string]any {
	picked := map[string]any{}
	for _, name := range names {
		if value, ok := e.Detail[name]; ok {
			picked[name] = value
		}
	}
	return picked
}

func throttled(t *testing.T, err error) {
	t.Helper()
	var answer smithy.APIError // TestConnection doesn't declare it.
	require.ErrorAs(t, err, &answer)
	assert.Equal(t, "ThrottlingException", answer.ErrorCode())
}

func policy(t *testing.T, statements ...any) string {
	t.Helper()
	return toJSON(t, map[string]any{"Version": "2012-10-17", "Statement": statements})
}

func toJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	assert.NoError(t, err)
	return string(text)
}
