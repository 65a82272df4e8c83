package syncusers

import (
	"slices"
	"strings"
	"testing"

	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each role's permissions, all of them: one that is added anywhere has to be
// added here.
func TestEachRoleMayDoExactlyThis(t *testing.T) {
	t.Parallel()
	const topicKey = ` on ${TopicKey.Arn} if {"StringEquals":{"kms:EncryptionContext:aws:sns:topicArn":"sns::sync-users-alerts"}}`
	want := map[string][]string{
		"DiscoverUsersRole": constructtest.Wanted(
			"logs:CreateLogStream on ${DiscoverUsersLog.Arn}",
			"logs:PutLogEvents on ${DiscoverUsersLog.Arn}",
			"iam:GetAccountAuthorizationDetails on *",
			"s3:ListAllMyBuckets on *",
			"s3:GetBucketLocation on s3://*",
			"s3:ListBucket on s3://RUNS",
			"s3:GetObject on s3://RUNS/turn.json",
			"s3:PutObject on s3://RUNS/turn.json",
			"s3:GetObject on s3://RUNS/changes.json",
			"s3:PutObject on s3://RUNS/changes.json",
			"s3:GetObject on s3://RUNS/access.json",
			"s3:GetObject on s3://RUNS/runs/*/accounts.json",
			"s3:PutObject on s3://RUNS/runs/*/users.json",
			"states:DescribeExecution on states::execution:sync-users:*",
			"states:ListExecutions on states::stateMachine:sync-users",
			"sqs:ReceiveMessage on ${KeyChanges.Arn}",
			"sqs:DeleteMessage on ${KeyChanges.Arn}",
		),
		"SyncUserRole": constructtest.Wanted(
			"logs:CreateLogStream on ${SyncUserLog.Arn}",
			"logs:PutLogEvents on ${SyncUserLog.Arn}",
			"ssm:GetParameters on ssm::parameter/iam/access_key/*",
			"ssm:GetParameters on ssm::parameter/iam/secret_key/*",
			"ssm:GetParameters on ssm::parameter/sftpgo/password",
			"s3:GetObject on s3://RUNS/turn.json",
		),
		"SummarizeRunRole": constructtest.Wanted(
			"logs:CreateLogStream on ${SummarizeRunLog.Arn}",
			"logs:PutLogEvents on ${SummarizeRunLog.Arn}",
			"s3:ListBucket on s3://RUNS",
			"s3:GetObject on s3://RUNS/access.json",
			"s3:PutObject on s3://RUNS/access.json",
			"s3:GetObject on s3://RUNS/runs/*",
			"s3:PutObject on s3://RUNS/runs/*/report.json",
			"s3:PutObject on s3://RUNS/runs/*/report.html",
			"s3:PutObject on s3://RUNS/changes/*",
			"s3:PutObject on s3://RUNS/runs/*/summary.json",
		),
		"ListAccountsRole": constructtest.Wanted(
			"logs:CreateLogStream on ${ListAccountsLog.Arn}",
			"logs:PutLogEvents on ${ListAccountsLog.Arn}",
			"ssm:GetParameters on ssm::parameter/sftpgo/password",
			"s3:PutObject on s3://RUNS/runs/*/accounts.json",
		),
		"WorkflowRole": constructtest.Wanted(
			"lambda:InvokeFunction on ${DiscoverUsersFunction.Arn}",
			"lambda:InvokeFunction on ${SyncUserFunction.Arn}",
			"lambda:InvokeFunction on ${SummarizeRunFunction.Arn}",
			"lambda:InvokeFunction on ${ListAccountsFunction.Arn}",
			"states:StartExecution on states::stateMachine:sync-users",
			"states:DescribeExecution on states::execution:sync-users:*",
			"states:DescribeExecution on states::execution:sync-users/*:*",
			"states:StopExecution on states::execution:sync-users:*",
			"states:StopExecution on states::execution:sync-users/*:*",
			"s3:GetObject on s3://RUNS/runs/*/users.json",
			"s3:PutObject on s3://RUNS/runs/*/results/*",
			"s3:GetObject on s3://RUNS/runs/*/results/*",
			"s3:ListMultipartUploadParts on s3://RUNS/runs/*/results/*",
			"s3:AbortMultipartUpload on s3://RUNS/runs/*/results/*",
			"s3:DeleteObject on s3://digipres-dev1-managed/sync-users/TRIGGER",
			"sns:Publish on sns::sync-users-alerts",
			"kms:Decrypt"+topicKey,
			"kms:GenerateDataKey"+topicKey,
			"logs:CreateLogDelivery on *",
			"logs:GetLogDelivery on *",
			"logs:UpdateLogDelivery on *",
			"logs:DeleteLogDelivery on *",
			"logs:ListLogDeliveries on *",
			"logs:PutResourcePolicy on *",
			"logs:DescribeResourcePolicies on *",
			"logs:DescribeLogGroups on *",
		),
		"TriggerRole":  constructtest.Wanted("states:StartExecution on ${WorkflowStateMachine}"),
		"ScheduleRole": constructtest.Wanted("states:StartExecution on ${WorkflowStateMachine}", "sqs:SendMessage on ${Undelivered.Arn}"),
		"ChangesRole":  constructtest.Wanted("states:StartExecution on ${WorkflowStateMachine}", "sqs:SendMessage on ${Undelivered.Arn}"),
		"EndingsRole": constructtest.Wanted(
			"sns:Publish on ${Topic}",
			"kms:Decrypt"+topicKey,
			"kms:GenerateDataKey"+topicKey,
		),
	}
	for name, lines := range want {
		for i := range lines {
			lines[i] = strings.ReplaceAll(lines[i], "NAME", "sync-users")
		}
		want[name] = lines
	}
	have := map[string][]string{}
	for name, role := range variants.Template(t, "created").OfType("AWS::IAM::Role") {
		have[name] = constructtest.Statements(t, role)
	}
	assert.Equal(t, want, have)
	assert.Empty(t, variants.Template(t, "created").OfType("AWS::IAM::Policy"), "permissions stand in the roles")
}

// What customer keys, a network and tracing add, and nothing else.
func TestWhatALargeInstallationAddsToItsRoles(t *testing.T) {
	t.Parallel()
	const (
		key           = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-00000000000"
		bucketsKey    = " on " + key + `2 if {"StringEquals":{"kms:ViaService":"s3.${AWS::Region}.amazonaws.com"}}`
		parametersKey = " on " + key + `1 if {"StringLike":{"kms:EncryptionContext:PARAMETER_ARN":["ssm::parameter/iam/access_key/*","ssm::parameter/iam/secret_key/*","ssm::parameter/sftpgo/production/api-key"]}}`
		topicKey      = " on " + key + `3 if {"StringEquals":{"kms:EncryptionContext:aws:sns:topicArn":"sns::sync-users-production-alerts"}}`
	)
	traces := []string{"xray:PutTraceSegments on *", "xray:PutTelemetryRecords on *"}
	buckets := []string{"kms:Decrypt" + bucketsKey, "kms:GenerateDataKey" + bucketsKey}
	topic := []string{"kms:Decrypt" + topicKey, "kms:GenerateDataKey" + topicKey}
	network := func(function string) (lines []string) {
		for _, action := range []string{
			"CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces",
			"DescribeSubnets", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses",
		} {
			lines = append(lines, "ec2:"+action+" on *",
				"Deny ec2:"+action+` on * if {"ArnEquals":{"lambda:SourceFunctionArn":"lambda::function:sync-users-production-`+function+`"}}`)
		}
		return lines
	}
	want := map[string][]string{
		"DiscoverUsersRole": slices.Concat(traces, buckets),
		"SyncUserRole": slices.Concat(traces, network("sync-user"), []string{
			"kms:Decrypt" + bucketsKey, "kms:Decrypt" + parametersKey, "ssm:GetParameters on ssm::parameter/sftpgo/production/api-key",
		}),
		"SummarizeRunRole": slices.Concat(traces, buckets),
		"ListAccountsRole": slices.Concat(traces, buckets, network("list-accounts"), []string{
			"kms:Decrypt on " + key + `1 if {"StringLike":{"kms:EncryptionContext:PARAMETER_ARN":["ssm::parameter/sftpgo/production/api-key"]}}`,
			"ssm:GetParameters on ssm::parameter/sftpgo/production/api-key",
		}),
		"WorkflowRole": slices.Concat(traces, buckets, topic, []string{
			"xray:GetSamplingRules on *", "xray:GetSamplingTargets on *",
		}),
		"EndingsRole":  topic,
		"TriggerRole":  nil,
		"ScheduleRole": {"sqs:SendMessage on ${Undelivered.Arn}", "states:StartExecution on ${WorkflowStateMachine}"},
	}
	small := variants.Template(t, "small").OfType("AWS::IAM::Role")
	for name, role := range variants.Template(t, "large").OfType("AWS::IAM::Role") {
		var before []string
		if other, ok := small[name]; ok {
			before = constructtest.Statements(t, other)
		}
		var added []string
		for _, line := range constructtest.Statements(t, role) {
			usual := strings.ReplaceAll(strings.ReplaceAll(line, "sync-users-production", "sync-users"), "digipres-production-", "digipres-dev1-")
			if !slices.Contains(before, usual) {
				added = append(added, line)
			}
		}
		assert.Equal(t, constructtest.Wanted(want[name]...), added, name)
		assert.Nil(t, role.At("PermissionsBoundary"), name)
	}
}

// The CDK does it, by its own key of the context.
func TestPermissionsBoundaryIsOnEachRole(t *testing.T) {
	t.Parallel()
	for name, role := range variants.Template(t, "created").OfType("AWS::IAM::Role") {
		assert.Equal(t, permissionsBoundary, role.At("PermissionsBoundary"), name)
	}
}

func TestEachRoleIsOfOneService(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"DiscoverUsersRole": "lambda", "SyncUserRole": "lambda", "SummarizeRunRole": "lambda", "ListAccountsRole": "lambda",
		"WorkflowRole": "states", "TriggerRole": "events", "EndingsRole": "events", "ScheduleRole": "scheduler", "ChangesRole": "scheduler",
	}
	have := map[string]string{}
	for name, role := range variants.Template(t, "created").OfType("AWS::IAM::Role") {
		trust := role.At("AssumeRolePolicyDocument", "Statement").([]any)
		require.Len(t, trust, 1)
		statement := trust[0].(map[string]any)
		service := strings.TrimSuffix(statement["Principal"].(map[string]any)["Service"].(string), ".amazonaws.com")
		have[name] = service
		if service == "lambda" {
			assert.Nil(t, statement["Condition"], name)
			continue
		}
		assert.Equal(t, map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": "${AWS::AccountId}"}}, statement["Condition"], name)
	}
	assert.Equal(t, want, have)
}
