package command

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/functions/cli/finding"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	got := runCommand(t, nil, "check")
	assert.Equal(t, success, got.code)
	golden(t, "check.txt", got.out)
	golden(t, "check.csv", runCommand(t, nil, "check", "-o", "csv").out)
	golden(t, "check.json", runCommand(t, nil, "check", "-o", "json").out)
	golden(t, "check-failed.json", runCommand(t, func(f *fixture) {
		f.errors["aws"] = hint.With(errors.New("no AWS credentials were found"), "Name a profile with --profile or AWS_PROFILE, log in with `aws sso login`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
	}, "check", "-o", "json").out)
}

func TestCheckFailures(t *testing.T) {
	t.Parallel()
	denied := errkind.Errorf(errkind.AccessDenied, "AccessDenied (HTTP 403)")
	tests := []struct {
		name     string
		give     func(*fixture)
		wantItem string
		wantHint string
	}{
		{"no credentials", func(f *fixture) { f.errors["aws"] = denied }, "credentials", "AWS_PROFILE"},
		{"IAM", func(f *fixture) { f.errors["iam"] = denied }, "IAM users", "iam:GetAccountAuthorizationDetails"},
		{"S3", func(f *fixture) { f.errors["s3"] = denied }, "buckets", "s3:ListAllMyBuckets"},
		{"access keys", func(f *fixture) { f.errors["keys"] = denied }, "access keys", "iam:ListAccessKeys"},
		{"SFTPGo's settings", func(f *fixture) { f.errors["settings"] = denied }, "server", "SFTPGO_HOST"},
		{"SFTPGo", func(f *fixture) { f.errors["sftpgo"] = denied }, "server", "SFTPGO_PASSWORD"},
		{"a permission", func(f *fixture) { f.errors["manage_folders"] = denied }, "manage_folders", "Give the administrator"},
		{"Parameter Store", func(f *fixture) { f.errors["ssm"] = denied }, "Parameter Store", "ssm:GetParameters"},
		{"the CloudFormation stack", func(f *fixture) { f.errors["stack"] = denied }, "stack", "cloudformation:DescribeStacks"},
		{"the state machine", func(f *fixture) { f.deployment.errors["state machine"] = denied }, "state machine", "states:DescribeStateMachine"},
		{"runs", func(f *fixture) { f.deployment.errors["list"] = denied }, "runs", "states:ListExecutions"},
		{"the lock", func(f *fixture) { f.deployment.errors["lock"] = denied }, "runs", "s3:GetObject"},
		{"TRIGGER", func(f *fixture) { f.deployment.errors["trigger"] = denied }, "TRIGGER", "EventBridge"},
		{"the rule", func(f *fixture) { f.deployment.errors["rule"] = errors.New("the rule is disabled") }, "rule", "aws events enable-rule --name sync-users-trigger"},
		{"reading the rule", func(f *fixture) { f.deployment.errors["rule"] = denied }, "rule", "events:DescribeRule"},
		{"mails", func(f *fixture) { f.deployment.errors["topic"] = errors.New("not confirmed: jane@example.org") }, "mails", "confirm"},
		{"reading the topic", func(f *fixture) { f.deployment.errors["topic"] = denied }, "mails", "sns:ListSubscriptionsByTopic"},
		{"no keys", func(f *fixture) { f.keys = nil }, "Parameter Store", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := runCommand(t, tt.give, "check", "-o", "json")
			assert.Equal(t, failure, got.code)
			assert.Empty(t, got.err)
			failures := slices.DeleteFunc(decoded[[]finding.Finding](t, got.out), func(f finding.Finding) bool { return f.Status != finding.Failed })
			if assert.Len(t, failures, 1) {
				assert.Equal(t, tt.wantItem, failures[0].Item)
				assert.Contains(t, failures[0].Hint, tt.wantHint)
			}
		})
	}
}

// Without a deployment, one can plan, sync and explain.
func TestCheckWithoutDeployment(t *testing.T) {
	t.Parallel()
	got := runCommand(t, func(f *fixture) { f.deployment = nil }, "check")
	assert.Equal(t, success, got.code)
	assert.Contains(t, got.out, `only plan, explain and sync --stack-name "" work`)
}

func TestCheckWithoutEligibleUsers(t *testing.T) {
	t.Parallel()
	got := runCommand(t, func(f *fixture) { f.users = f.users[5:6] }, "check")
	assert.Equal(t, success, got.code)
	assert.Contains(t, got.out, "no user has an Email tag and a stack group")
}
