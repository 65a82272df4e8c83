package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/settings"
	"github.com/digipres/sync-users/infra/syncusers"
)

// The settings say where a secret is stored, and the deploy that follows refers to
// it.
func testKeepSecret(t *testing.T, aws shell) {
	const (
		first, second = `it's "a" $secret\n`, "hunter2"
		large         = "SETTINGS=infra/examples/large.json"
		parameter     = "/sftpgo/production/api-key"
	)
	// That is where its keys are.
	aws.environment = append(slices.Clip(aws.environment), "AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1")
	value := func() string {
		return aws.run(t, ".", "aws ssm get-parameter --with-decryption --name "+parameter+" --output text --query 'Parameter.[Type,Value]'")
	}

	printed := aws.make(t, "-j4 keep-secret deploy "+large, "SFTPGO_API_KEY="+first)
	assert.Contains(t, printed, "SFTPGO_API_KEY is stored as "+parameter+" in account 123456789012, eu-west-1")
	assert.Equal(t, "SecureString\t"+first, value())
	calls := aws.calls(t)
	assert.Equal(t, "cdk deploy  eu-west-1 ssm:"+parameter, calls[len(calls)-2])
	key := aws.run(t, ".", "aws ssm describe-parameters --output text --query \"Parameters[?Name=='"+parameter+"'].KeyId\"")
	assert.Equal(t, "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000001", key)

	file, err := filepath.Abs("examples/large.json")
	require.NoError(t, err)
	output, err := deploy(t, map[string]any{settings.FileSetting: file}, "SFTPGO_API_KEY=ssm:"+parameter)
	require.Error(t, err)
	assert.Contains(t, output, "is not built", "the settings are right")

	printed = aws.make(t, "!keep-secret deploy "+large+" </dev/null", "SFTPGO_API_KEY="+second)
	assert.Contains(t, printed, parameter+" has another value in account 123456789012, eu-west-1. Replace it? [y/N]")
	assert.Equal(t, "SecureString\t"+first, value())
	calls = aws.calls(t)
	assert.NotContains(t, calls[len(calls)-1], "cdk deploy")
	aws.make(t, "keep-secret "+large, "SFTPGO_API_KEY="+first) // is there already
	printed += aws.make(t, "keep-secret "+large, "SFTPGO_API_KEY="+second, "YES=1")
	assert.Equal(t, "SecureString\t"+second, value())
	assert.NotContains(t, printed, first)
	assert.NotContains(t, printed, second)

	small := "!keep-secret SETTINGS=infra/examples/small.json"
	assert.Contains(t, aws.make(t, small), "There is nothing to store")
	assert.Contains(t, aws.make(t, small, "SFTPGO_PASSWORD="+first, "KMS_KEY=alias/mine"), "give the key as the setting parametersKey")
	assert.Contains(t, aws.make(t, small, "SFTPGO_PASSWORD="+first, "SFTPGO_API_KEY="+second), "setting sftpgoApiKey: it is given together")
	aws.run(t, ".", "! aws ssm get-parameter --name /sftpgo/password")
}

// The login of a connector is a secret in the form that Transfer Family reads.
func testKeepLogin(t *testing.T, aws shell) {
	const (
		settings = " SETTINGS=infra/examples/fetch.json"
		name     = "aws/transfer/fetch-example-partner/sftp"
		password = `it's "a" $secret\n`
		key      = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
	)
	value := func() string {
		return aws.run(t, ".", "aws secretsmanager get-secret-value --secret-id "+name+" --output text --query SecretString")
	}
	printed := aws.make(t, "keep-secret deploy"+settings, "SSH_USERNAME=us", "SSH_PASSWORD="+password)
	assert.Contains(t, printed, "The login is stored as "+name+" in account 123456789012, us-east-1")
	assert.JSONEq(t, `{"Username": "us", "Password": "it's \"a\" $secret\\n"}`, value())
	assert.Contains(t, aws.calls(t)[len(aws.calls(t))-2], "cdk deploy")

	printed += aws.make(t, "keep-secret"+settings, "SSH_USERNAME=us", "SSH_PASSWORD="+password) // is there already
	printed += aws.make(t, "!keep-secret"+settings+" </dev/null", "SSH_USERNAME=us", "SSH_PRIVATE_KEY="+key)
	assert.Contains(t, printed, name+" has another value in account 123456789012, us-east-1. Replace it? [y/N]")
	assert.Contains(t, value(), "Password")
	printed += aws.make(t, "keep-secret"+settings, "SSH_USERNAME=us", "SSH_PRIVATE_KEY="+key, "YES=1")
	assert.JSONEq(t, `{"Username": "us", "PrivateKey": "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"}`, value())
	for _, secret := range []string{password, "AAAA"} {
		assert.NotContains(t, printed, secret)
	}

	for _, wrong := range []struct {
		environment []string
		want        string
	}{
		{nil, "There is no login to store: give SSH_USERNAME, and SSH_PASSWORD or SSH_PRIVATE_KEY"},
		{[]string{"SSH_USERNAME=us"}, "There is no login to store"},
		{[]string{"SSH_USERNAME=us", "SSH_PASSWORD=" + strings.Repeat("x", 1025)}, "The Password has 1025 characters, and a connector takes 1024."},
		{[]string{"SSH_USERNAME=us", "SSH_PRIVATE_KEY=id_rsa"}, "give the content of the file, and not its name"},
		{[]string{"SSH_USERNAME=us", "SSH_PRIVATE_KEY=" + key, "SSH_PRIVATE_KEY_PASSPHRASE=x"}, "no private key with a passphrase"},
	} {
		assert.Contains(t, aws.make(t, "!keep-secret"+settings, wrong.environment...), wrong.want)
	}
}

func TestSecretReferences(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		context     map[string]any
		environment map[string]string
		want        map[string]string
	}{
		{"no secret", nil, map[string]string{"SFTPGO_PASSWORD": " "}, map[string]string{}},
		{"a reference", nil, map[string]string{"SFTPGO_PASSWORD": "ssm:/password"}, map[string]string{}},
		{"the usual places", nil, map[string]string{"SFTPGO_PASSWORD": "hunter2", "SFTPGO_API_KEY": "key"},
			map[string]string{"SFTPGO_PASSWORD": "ssm:/sftpgo/password", "SFTPGO_API_KEY": "ssm:/sftpgo/api-key"}},
		{"a place of its own", map[string]any{"sftpgoPassword": "ssm:/archive/password"}, map[string]string{"SFTPGO_PASSWORD": "hunter2"},
			map[string]string{"SFTPGO_PASSWORD": "ssm:/archive/password"}},
		{"a place in a file", map[string]any{settings.FileSetting: "examples/large.json"}, map[string]string{"SFTPGO_API_KEY": "key"},
			map[string]string{"SFTPGO_API_KEY": "ssm:/sftpgo/production/api-key"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := settings.SecretReferences(new(syncusers.Settings), tt.context, func(name string) string { return tt.environment[name] })
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}
