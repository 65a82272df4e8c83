package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shell runs commands as an operator does, against an AWS on this machine.
type shell struct {
	environment []string
}

func newShell(t *testing.T) shell {
	t.Helper()
	server := tool(t, "../.build/venv/bin/moto_server")
	path := filepath.Dir(server) + string(os.PathListSeparator) + os.Getenv("PATH")
	return shell{append(os.Environ(), "PATH="+path, "AWS_ENDPOINT_URL="+listen(t, server), "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_PAGER=")}
}

// run gives what a command prints, which must end well.
func (s shell) run(t *testing.T, folder, command string, environment ...string) string {
	t.Helper()
	process := exec.CommandContext(t.Context(), "sh", "-c", command)
	process.Dir = folder
	process.Env = append(s.environment, environment...)
	said, err := process.CombinedOutput()
	require.NoError(t, err, "%s\n%s", command, said)
	return strings.TrimSpace(string(said))
}

func TestCommands(t *testing.T) {
	t.Parallel()
	aws := newShell(t)
	t.Run("turn on EventBridge", func(t *testing.T) { turnsOnEventBridge(t, aws) })
	t.Run("keep a secret", func(t *testing.T) { keepsASecret(t, aws) })
	t.Run("empty the runs bucket", func(t *testing.T) { emptiesTheRunsBucket(t, aws) })
}

// The command that the deploy prints, run against a bucket with somebody
// else's notifications, keeps them.
func turnsOnEventBridge(t *testing.T, aws shell) {
	folder := t.TempDir()
	theirs := `{"TopicConfigurations":[{"Id":"theirs","TopicArn":"arn:aws:sns:us-east-1:123456789012:theirs","Events":["s3:ObjectCreated:*"]}]}`
	aws.run(t, folder, "aws s3api create-bucket --bucket digipres-dev1-managed && aws sns create-topic --name theirs")
	aws.run(t, folder, "aws s3api put-bucket-notification-configuration --bucket digipres-dev1-managed --notification-configuration '"+theirs+"'")

	command := plain(templateOf(t, "small").Outputs["TurnOnEventBridge"].Value).(string)
	for range 2 { // the second time changes nothing
		aws.run(t, folder, command)
		written, err := os.ReadFile(filepath.Join(folder, "notifications.json"))
		require.NoError(t, err)
		assert.JSONEq(t, strings.TrimSuffix(theirs, "}")+`,"EventBridgeConfiguration":{}}`, string(written))
	}
	now := aws.run(t, folder, "aws s3api get-bucket-notification-configuration --bucket digipres-dev1-managed")
	assert.Contains(t, now, "arn:aws:sns:us-east-1:123456789012:theirs")
}

func keepsASecret(t *testing.T, aws shell) {
	const secret = `it's "a" $secret\n`
	said := aws.run(t, ".", "./keep-secret", "SFTPGO_PASSWORD="+secret, "SFTPGO_API_KEY=ssm:/elsewhere")
	assert.Equal(t, "SFTPGO_PASSWORD is kept as /sftpgo/password: deploy with SFTPGO_PASSWORD=ssm:/sftpgo/password", said)
	kept := aws.run(t, ".", "aws ssm get-parameter --with-decryption --name /sftpgo/password --output text --query 'Parameter.[Type,Value]'")
	assert.Equal(t, "SecureString\t"+secret, kept)
	aws.run(t, ".", "! aws ssm get-parameter --name /sftpgo/api-key")
	assert.Contains(t, aws.run(t, ".", "! ./keep-secret", "SFTPGO_PASSWORD=", "SFTPGO_API_KEY="), "There is nothing to keep")
}

func emptiesTheRunsBucket(t *testing.T, aws shell) {
	folder := t.TempDir()
	template := `{"Resources":{"Runs":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":"runs"}}},"Outputs":{"RunsBucketName":{"Value":{"Ref":"Runs"}}}}`
	require.NoError(t, os.WriteFile(filepath.Join(folder, "template.json"), []byte(template), 0o600))
	aws.run(t, folder, "aws cloudformation create-stack --stack-name runs --template-body file://template.json")
	aws.run(t, folder, "aws s3api put-bucket-versioning --bucket runs --versioning-configuration Status=Enabled")
	aws.run(t, folder, "for key in a a b; do aws s3api put-object --bucket runs --key $key; done; aws s3api delete-object --bucket runs --key b")

	const left = "aws s3api list-object-versions --bucket runs --output text --query 'length([Versions, DeleteMarkers][])'"
	require.Equal(t, "4", aws.run(t, folder, left))
	aws.run(t, ".", "! echo n | ./empty-runs runs")
	require.Equal(t, "4", aws.run(t, folder, left))
	assert.Equal(t, "s3://runs is empty.", aws.run(t, ".", "./empty-runs runs", "YES=1"))
	assert.Equal(t, "0", aws.run(t, folder, left))
	aws.run(t, folder, "aws s3api delete-bucket --bucket runs")
}
