package command

import (
	"crypto/ed25519"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/functions/cli/clitest"
	"github.com/digipres/sync-users/functions/cli/finding"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

// newServer starts a server that shows a host key, always the same, and lets nobody in. It
// returns its port and the key's line.
func newServer(t *testing.T) (port int, line string) {
	t.Helper()
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	require.NoError(t, err)
	config := &ssh.ServerConfig{PasswordCallback: func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return nil, assert.AnError }}
	config.AddHostKey(signer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				_, _, _, _ = ssh.NewServerConn(connection, config)
			}()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
}

// check runs the command against a real server, outside of a bubble. It replaces the port.
func check(t *testing.T, prepare func(*fixture), args ...string) output {
	t.Helper()
	f := newFixture()
	f.port, f.hostKeys = newServer(t)
	if prepare != nil {
		prepare(f)
	}
	got := f.run(t.Context(), append([]string{"check"}, args...)...)
	got.out = strings.ReplaceAll(got.out, net.JoinHostPort("127.0.0.1", strconv.Itoa(f.port)), "127.0.0.1:PORT")
	return got
}

func TestCheck(t *testing.T) {
	t.Parallel()
	got := check(t, nil)
	assert.Equal(t, success, got.code, got.out)
	golden(t, "check.txt", got.out)
	golden(t, "check.json", check(t, func(f *fixture) { f.hostKeys = otherKey }, "-o", "json").out)
}

// otherKey is the host key of another server.
const otherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEFRN0Q2OQm8gJ5pqXh3V1UcWhE0G4hDF1q9y3Q2R1dt"

func TestCheckFailures(t *testing.T) {
	t.Parallel()
	denied := errkind.Errorf(errkind.AccessDenied, "AccessDenied (HTTP 403)")
	tests := []struct {
		part, wantItem, wantHint string
	}{
		{"aws", "credentials", "AWS_PROFILE"},
		{"stack", "stack", "cloudformation:DescribeStacks"},
		{"settings", "settings", "lambda:GetFunctionConfiguration"},
		{"state machine", "state machine", "states:DescribeStateMachine"},
		{"executions", "runs", "states:ListExecutions"},
		{"notifications", "source bucket", "s3:GetBucketNotification"},
		{"rule", "rule", "events:DescribeRule"},
		{"schedule", "schedule", "scheduler:GetSchedule"},
		{"queue", "dead-letter queue", "sqs:GetQueueUrl"},
		{"alarms", "alarms", "cloudwatch:DescribeAlarms"},
		{"topic", "mails", "sns:ListSubscriptionsByTopic"},
		{"list", "objects", "s3:ListBucket"},
		{"secrets", "secrets", "ssm:GetParameters"},
		{"login", "login", "Ask the partner"},
		{"directory", "directory", "Ask the partner"},
	}
	for _, tt := range tests {
		t.Run(tt.part, func(t *testing.T) {
			t.Parallel()
			got := check(t, func(f *fixture) { f.errors[tt.part] = denied }, "-o", "json")
			assert.Equal(t, failure, got.code)
			failed := failedFindings(t, got.out)
			require.Len(t, failed, 1)
			assert.Equal(t, tt.wantItem, failed[0].Item)
			assert.Contains(t, failed[0].Hint, tt.wantHint)
		})
	}
}

func failedFindings(t *testing.T, text string) (failed []finding.Finding) {
	t.Helper()
	for _, f := range clitest.Decoded[[]finding.Finding](t, text) {
		if f.Status == finding.Failed {
			failed = append(failed, f)
		}
	}
	return failed
}

func TestCheckState(t *testing.T) {
	t.Parallel()
	undelivered := check(t, func(f *fixture) { f.undelivered = 2 }, "-o", "json")
	assert.Contains(t, undelivered.out, "2 events started no run")
	disabled := errkind.Errorf(errkind.Misconfigured, "the rule send-files-upload is disabled")
	scheduled := check(t, func(f *fixture) { f.errors["rule"] = disabled })
	assert.Equal(t, success, scheduled.code, "a setting says so")
	assert.Contains(t, scheduled.out, "the schedule alone starts runs")
	assert.Equal(t, failure, check(t, func(f *fixture) { f.errors["rule"], f.schedule = disabled, "" }).code)
	without := check(t, func(f *fixture) { f.schedule, f.files = "", map[string]sendfile.Info{} })
	assert.Equal(t, success, without.code)
	assert.Contains(t, without.out, "so what no event announces waits for the next run")
	assert.Contains(t, without.out, "/in is not there; it is made for the first file")
	other := check(t, nil, "--stack-name", "other")
	assert.Equal(t, success, other.code, "that is no failure")
	assert.Contains(t, other.out, `no CloudFormation stack "other" is deployed here`)
}

// Before anything is deployed, and without AWS, the host key is shown with the line to put in.
func TestCheckHost(t *testing.T) {
	f := newFixture()
	f.errors["aws"] = assert.AnError
	port, line := newServer(t)
	run := func() output { return f.run(t.Context(), "check", "--host", "127.0.0.1", "--port", strconv.Itoa(port)) }
	got := run()
	assert.Equal(t, success, got.code)
	golden(t, "check-host.txt", strings.ReplaceAll(got.out, strconv.Itoa(port), "PORT"))
	assert.Contains(t, got.out, line)

	for name, value := range map[string]string{"SSH_USERNAME": "archive", "SSH_PASSWORD": "secret-password", "SSH_HOST_KEYS": line, "SSH_DIR": "/in/{year}"} {
		t.Setenv(name, value)
	}
	got = run()
	assert.Equal(t, success, got.code)
	assert.Contains(t, got.out, "is in SSH_HOST_KEYS")
	assert.Contains(t, got.out, "✓  login      as archive")
	assert.Contains(t, got.out, "✓  directory  /in can be listed")
	assert.NotContains(t, got.out, "secret-password")

	t.Setenv("SSH_HOST_KEYS", otherKey)
	got = run()
	assert.Equal(t, failure, got.code)
	assert.Contains(t, got.out, "is not in SSH_HOST_KEYS → Ask the partner for the fingerprint. Only if it is this one, put this line into sshHostKeys (SSH_HOST_KEYS): "+line)
	assert.Contains(t, got.out, "not tried, because the server is not to be trusted")

	gone := f.run(t.Context(), "check", "--host", "127.0.0.1", "--port", "1")
	assert.Equal(t, failure, gone.code)
	assert.Contains(t, gone.out, "✗  address")
}
