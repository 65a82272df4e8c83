package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	got := inTown(t, nil, "check")
	assert.Equal(t, done, got.code)
	golden(t, "check.txt", got.out)
	golden(t, "check.csv", inTown(t, nil, "check", "-o", "csv").out)
	golden(t, "check.json", inTown(t, nil, "check", "-o", "json").out)
	golden(t, "check-failed.json", inTown(t, func(t *town) {
		t.errors["aws"] = mended(errors.New("no AWS credentials were found"), findCredentials)
	}, "check", "-o", "json").out)
}

func TestCheckFinds(t *testing.T) {
	t.Parallel()
	denied := errkind.Errorf(errkind.AccessDenied, "AccessDenied (HTTP 403)")
	tests := []struct {
		name       string
		give       func(*town)
		wantItem   string
		wantRemedy string
	}{
		{"no credentials", func(t *town) { t.errors["aws"] = denied }, "credentials", "AWS_PROFILE"},
		{"IAM", func(t *town) { t.errors["iam"] = denied }, "IAM users", "iam:GetAccountAuthorizationDetails"},
		{"S3", func(t *town) { t.errors["s3"] = denied }, "buckets", "s3:ListAllMyBuckets"},
		{"access keys", func(t *town) { t.errors["keys"] = denied }, "access keys", "iam:ListAccessKeys"},
		{"SFTPGo's settings", func(t *town) { t.errors["settings"] = denied }, "server", "SFTPGO_HOST"},
		{"SFTPGo", func(t *town) { t.errors["sftpgo"] = denied }, "server", "SFTPGO_PASSWORD"},
		{"a right", func(t *town) { t.errors["manage_folders"] = denied }, "manage_folders", "Give the administrator"},
		{"Parameter Store", func(t *town) { t.errors["ssm"] = denied }, "Parameter Store", "ssm:GetParameters"},
		{"the stack", func(t *town) { t.errors["stack"] = denied }, "stack", "cloudformation:DescribeStacks"},
		{"the state machine", func(t *town) { t.deployed.fail["state machine"] = denied }, "state machine", "states:DescribeStateMachine"},
		{"runs", func(t *town) { t.deployed.fail["list"] = denied }, "runs", "states:ListExecutions"},
		{"the turn", func(t *town) { t.deployed.fail["turn"] = denied }, "runs", "s3:GetObject"},
		{"TRIGGER", func(t *town) { t.deployed.fail["trigger"] = denied }, "TRIGGER", "EventBridge"},
		{"no keys", func(t *town) { t.keys = nil }, "Parameter Store", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := inTown(t, tt.give, "check", "-o", "json")
			assert.Equal(t, failed, got.code)
			assert.Empty(t, got.err)
			var found []line
			for _, l := range decoded[[]line](t, got.out) {
				if l.Mark == wrong {
					found = append(found, l)
				}
			}
			if assert.Len(t, found, 1) {
				assert.Equal(t, tt.wantItem, found[0].Item)
				assert.Contains(t, found[0].Remedy, tt.wantRemedy)
			}
		})
	}
}

// Whoever deployed nothing can plan, sync and explain.
func TestCheckWithoutAStack(t *testing.T) {
	t.Parallel()
	got := inTown(t, func(t *town) { t.deployed = nil }, "check")
	assert.Equal(t, done, got.code)
	assert.Contains(t, got.out, "only plan, sync and explain work")
}

func TestCheckAnEmptyAccount(t *testing.T) {
	t.Parallel()
	got := inTown(t, func(t *town) { t.members = t.members[5:6] }, "check")
	assert.Equal(t, done, got.code)
	assert.Contains(t, got.out, "nobody has an Email tag and a stack group")
}
