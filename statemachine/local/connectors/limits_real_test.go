package connectors_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/shared/adapter/awsconnector"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/statemachine/local/connectors"
	"github.com/digipres/sync-users/statemachine/local/gateway"
	"github.com/digipres/sync-users/statemachine/local/partner"
)

// gate holds work back until it is opened.
type gate struct {
	waiting atomic.Int32
	opened  chan struct{}
	open    func()
}

func newGate() *gate {
	g := &gate{opened: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.opened) })
	return g
}

func (g *gate) hold(ctx context.Context, _ connectors.Work) *connectors.Failure {
	g.waiting.Add(1)
	select {
	case <-g.opened:
	case <-ctx.Done():
	}
	return nil
}

// clock is a clock that tests set.
type clock struct{ nanoseconds atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(1_780_000_000, c.nanoseconds.Load()) }
func (c *clock) advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }

func TestCallsASecond(t *testing.T) {
	t.Parallel()
	clock := new(clock)
	w := newWorldAt(t, clock.now)
	list := func() error {
		_, err := w.list(w.directory, 1)
		return err
	}
	test := func() error {
		_, err := w.transfer.TestConnection(t.Context(), &transfer.TestConnectionInput{ConnectorId: &w.connector})
		return err
	}
	for range 2 {
		for range 3 {
			require.NoError(t, list())
		}
		throttled(t, list())
		require.NoError(t, test())
		throttled(t, test())
		clock.advance(time.Second)
	}
	w.receive(w.queueURL, 6)
}

// The SDK repeats what is throttled.
func TestThrottledListingIsRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var refusals atomic.Int32
	w.service.Inject(&connectors.Faults{Refuse: func(work connectors.Work) *connectors.Refusal {
		if work.Operation == "StartDirectoryListing" && work.ConnectorID == w.connector && refusals.Add(1) <= 2 {
			return connectors.Throttling
		}
		return nil
	}})

	_, err := awsconnector.NewConnector(w.aws, w.connector).StartListing(t.Context(), w.directory, "/"+w.bucket, 10)

	require.NoError(t, err)
	w.receive(w.queueURL, 1)
	assert.Equal(t, 3, w.calls.Total()[gateway.Call{Service: "transfer", Action: "StartDirectoryListing"}])
}

// One file is being transferred, and 1,000 wait.
func TestFullQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.update(types.SftpConnectorConfig{MaxConcurrentConnections: aws.Int32(1)})
	gate := newGate()
	w.service.Inject(&connectors.Faults{Before: gate.hold, Deliver: lost})
	first, err := w.retrieve(w.directory + "/none")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return gate.waiting.Load() == 1 }, timeout, interval)
	ten := strings.Fields(strings.Repeat(w.directory+"/none ", 10))
	var last string
	for range 100 {
		last, err = w.retrieve(ten...)
		require.NoError(t, err)
	}
	for range 2 {
		_, err = w.retrieve(w.directory + "/none")
		throttled(t, err)
	}
	assert.Equal(t, types.TransferTableStatusInProgress, w.results(first)[0].StatusCode)
	assert.Equal(t, types.TransferTableStatusQueued, w.results(last)[9].StatusCode)
	_, err = w.list(w.directory, 1)
	require.NoError(t, err, "a listing is no file")

	gate.open()
	assert.Equal(t, types.TransferTableStatusFailed, w.finish(last)[9].StatusCode)
	_, err = w.retrieve(w.directory + "/none")
	require.NoError(t, err)
}

func TestConnections(t *testing.T) {
	t.Parallel()
	for _, most := range []int32{1, 3} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.update(types.SftpConnectorConfig{MaxConcurrentConnections: &most})
			gate := newGate()
			w.service.Inject(&connectors.Faults{Before: gate.hold})
			id, err := w.retrieve(w.write("a", "", modified), w.write("b", "", modified), w.write("c", "", modified), w.write("d", "", modified), w.write("e", "", modified))
			require.NoError(t, err)
			require.Eventually(t, func() bool { return gate.waiting.Load() == most }, timeout, interval)
			states := map[types.TransferTableStatus]int{}
			for _, result := range w.results(id) {
				states[result.StatusCode]++
			}
			assert.Equal(t, map[types.TransferTableStatus]int{types.TransferTableStatusInProgress: int(most), types.TransferTableStatusQueued: 5 - int(most)}, states)
			gate.open()
			for _, result := range w.finish(id) {
				assert.Equal(t, types.TransferTableStatusCompleted, result.StatusCode)
			}
			w.receive(w.queueURL, 5)
		})
	}
}

func TestResultsAreThoseOfTheConnector(t *testing.T) {
	t.Parallel()
	clock := new(clock)
	w := newWorldAt(t, clock.now)
	id, err := w.retrieve(w.write("a", "", modified), w.write("b", "", modified))
	require.NoError(t, err)
	w.finish(id)
	var paths []string
	for pages := transfer.NewListFileTransferResultsPaginator(w.transfer, &transfer.ListFileTransferResultsInput{
		ConnectorId: &w.connector, TransferId: &id, MaxResults: aws.Int32(1),
	}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		require.Len(t, page.FileTransferResults, 1)
		paths = append(paths, *page.FileTransferResults[0].FilePath)
	}
	assert.Equal(t, []string{w.directory + "/a", w.directory + "/b"}, paths)

	_, err = awsconnector.NewConnector(w.aws, newConnectorOf(w)).Results(t.Context(), id)
	require.ErrorIs(t, err, awsconnector.ErrNoTransfer)
	_, err = awsconnector.NewConnector(w.aws, w.connector).Results(t.Context(), "unknown")
	require.ErrorIs(t, err, awsconnector.ErrNoTransfer)
	_, err = awsconnector.NewConnector(w.aws, "c-00000000000000000").Results(t.Context(), id)
	assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
	_, err = w.transfer.ListFileTransferResults(t.Context(), &transfer.ListFileTransferResultsInput{ConnectorId: &w.connector, TransferId: &id, NextToken: aws.String("x")})
	require.ErrorAs(t, err, new(*types.InvalidRequestException))

	clock.advance(7*24*time.Hour + time.Second)
	_, err = awsconnector.NewConnector(w.aws, w.connector).Results(t.Context(), id)
	require.ErrorIs(t, err, awsconnector.ErrNoTransfer)
}

// newConnectorOf makes another connector like the world's.
func newConnectorOf(w *world) string {
	w.Helper()
	created, err := w.transfer.CreateConnector(w.Context(), &transfer.CreateConnectorInput{
		Url: aws.String("sftp://127.0.0.1"), AccessRole: &w.role, SftpConfig: &types.SftpConnectorConfig{UserSecretId: &w.secret},
	})
	require.NoError(w, err)
	return *created.ConnectorId
}

// TestConnectionTests asserts what TestConnection finds out.
func TestConnectionTests(t *testing.T) {
	t.Parallel()
	clock := new(clock)
	w := newWorldAt(t, clock.now)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	require.NoError(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	require.NoError(t, err)
	w.addPublicKey(string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	good := map[string]string{"Username": partner.Username, "Password": w.partner.Password}
	tests := []struct {
		name   string
		secret any
		url    string
		keys   []string
		want   string
		shown  bool
	}{
		{name: "a password", secret: good, want: "OK: Connection succeeded"},
		{name: "a private key", secret: map[string]string{"Username": partner.Username, "PrivateKey": string(pem.EncodeToMemory(block))}, want: "OK: Connection succeeded"},
		{name: "a wrong password", secret: map[string]string{"Username": partner.Username, "Password": "hunter2"}, want: "ERROR: Unknown Host/Connection failed"},
		{name: "an unreadable key", secret: map[string]string{"Username": partner.Username, "PrivateKey": "hunter2"}, want: "ERROR: Private key not found"},
		{name: "no JSON", secret: "hunter2", want: "ERROR: Private key not found"},
		{name: "nobody answers", secret: good, url: "sftp://" + closed.Addr().String(), want: "ERROR: Unknown Host/Connection failed"},
		{name: "another host key", secret: good, keys: []string{otherHostKey}, want: "ERROR: Invalid trusted host keys"},
		{name: "no host key", secret: good, keys: []string{}, want: "ERROR: Invalid trusted host keys", shown: true},
	}
	client := transfer.NewFromConfig(w.aws)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clock.advance(time.Second)
			_, err := secretsmanager.NewFromConfig(w.aws).PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &w.secret, SecretString: aws.String(toJSON(t, tt.secret))})
			require.NoError(t, err)
			input := &transfer.UpdateConnectorInput{ConnectorId: &w.connector, Url: aws.String(fmt.Sprintf("sftp://127.0.0.1:%d", w.partner.Port())), SftpConfig: &types.SftpConnectorConfig{TrustedHostKeys: w.hostKeys()}}
			if tt.url != "" {
				input.Url = &tt.url
			}
			if tt.keys != nil {
				input.SftpConfig.TrustedHostKeys = tt.keys
			}
			_, err = client.UpdateConnector(t.Context(), input)
			require.NoError(t, err)

			got, err := awsconnector.NewConnector(w.aws, w.connector).Test(t.Context())

			require.NoError(t, err)
			assert.Equal(t, strings.HasPrefix(tt.want, "OK"), got.OK)
			assert.Contains(t, fmt.Sprintf("%s: %s", map[bool]string{true: "OK", false: "ERROR"}[got.OK], got.Message), tt.want)
			assert.NotContains(t, got.Message, "hunter2")
			if tt.shown {
				assert.Contains(t, w.hostKeys(), got.HostKey)
			} else {
				assert.Empty(t, got.HostKey)
			}
		})
	}
}

// A connector with another role, secret or host key than it needs transfers nothing, and says why.
func TestTransferWithoutAccess(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*world, *transfer.UpdateConnectorInput)
		want   string
	}{
		{"a role that does not trust Transfer", func(w *world, c *transfer.UpdateConnectorInput) {
			c.AccessRole = aws.String("arn:aws:iam::123456789012:role/nobodys")
		}, "ACCESS_ROLE_ERROR: Unable to assume the access role"},
		{"a secret that the role may not read", func(w *world, c *transfer.UpdateConnectorInput) {
			c.SftpConfig = &types.SftpConnectorConfig{UserSecretId: aws.String(w.createSecret("unreadable", map[string]string{}))}
		}, "SECRET_ERROR: Unable to access secrets manager"},
		{"another host key", func(w *world, c *transfer.UpdateConnectorInput) {
			c.SftpConfig = &types.SftpConnectorConfig{TrustedHostKeys: []string{otherHostKey}}
		}, "HOST_KEY_ERROR: Invalid trusted host keys"},
		{"no host key", func(w *world, c *transfer.UpdateConnectorInput) {
			c.SftpConfig = &types.SftpConnectorConfig{TrustedHostKeys: []string{}}
		}, "HOST_KEY_ERROR: Invalid trusted host keys"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			change := &transfer.UpdateConnectorInput{ConnectorId: &w.connector}
			tt.change(w, change)
			_, err := w.transfer.UpdateConnector(t.Context(), change)
			require.NoError(t, err)
			id, err := w.retrieve(w.write("a", "", modified))
			require.NoError(t, err)
			got := w.finish(id)[0]
			assert.Equal(t, types.TransferTableStatusFailed, got.StatusCode)
			assert.Contains(t, aws.ToString(got.FailureCode)+": "+aws.ToString(got.FailureMessage), tt.want)
		})
	}
}

// otherHostKey is none of the partner's.
const otherHostKey = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBg3tR5CsgC3IFdZwxpED9yOEDNj1Hs3VI/GtG2ZVfijPwxnTPu+5Cl3eololmi6AFLwCH/EsCrWFfNLDNQWZpU="

// addPublicKey lets somebody with the key log in to the partner's account.
func (w *world) addPublicKey(line string) {
	w.Helper()
	lock.Lock()
	defer lock.Unlock()
	admin := w.partner.Admin()
	account, _, err := admin.Account(w.Context(), partner.Username)
	require.NoError(w, err)
	account["public_keys"] = []string{line}
	require.NoError(w, admin.Do(w.Context(), http.MethodPut, "/api/v2/users/"+partner.Username, account, nil))
}
