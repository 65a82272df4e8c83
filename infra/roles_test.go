package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// statements returns what a role may do, one action a line.
func statements(t *testing.T, role resource) []string {
	t.Helper()
	assert.NotContains(t, role.Properties, "ManagedPolicyArns", "a role has no permissions but its own")
	var lines []string
	for _, policy := range role.at("Policies").([]any) {
		for _, s := range policy.(map[string]any)["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			statement := s.(map[string]any)
			condition := ""
			if statement["Condition"] != nil {
				text, err := json.Marshal(statement["Condition"])
				require.NoError(t, err)
				condition = " if " + string(text)
			}
			for _, action := range list(statement["Action"]) {
				for _, on := range list(statement["Resource"]) {
					lines = append(lines, fmt.Sprintf("%s %s on %s%s", statement["Effect"], action, on, condition))
				}
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// list returns the items of a value, which IAM writes as a list only if there are
// several.
func list(value any) []string {
	if one, ok := value.(string); ok {
		return []string{one}
	}
	var found []string
	for _, item := range value.([]any) {
		found = append(found, item.(string))
	}
	return found
}

// wanted returns the statements for permissions in short form, with an account's
// ARNs from their service on.
func wanted(lines ...string) []string {
	account := "${AWS::Region}:${AWS::AccountId}:"
	for i, line := range lines {
		line = strings.ReplaceAll(line, " s3://", " arn:${AWS::Partition}:s3:::")
		line = strings.ReplaceAll(line, "RUNS", "${AWS::AccountId}-NAME-runs-${AWS::Region}")
		for _, service := range []string{"ssm", "states", "sns", "lambda"} {
			line = strings.ReplaceAll(line, " "+service+"::", " arn:${AWS::Partition}:"+service+":"+account)
			line = strings.ReplaceAll(line, `"`+service+"::", `"arn:${AWS::Partition}:`+service+":"+account)
		}
		lines[i] = "Allow " + line
		if rest, ok := strings.CutPrefix(line, "Deny "); ok {
			lines[i] = "Deny " + rest
		}
	}
	slices.Sort(lines)
	return lines
}

// Each role's permissions, all of them: one that is added anywhere has to be
// added here.
func TestEachRoleMayDoExactlyThis(t *testing.T) {
	t.Parallel()
	const topicKey = ` on ${TopicKey.Arn} if {"StringEquals":{"kms:EncryptionContext:aws:sns:topicArn":"sns::sync-users-alerts"}}`
	want := map[string][]string{
		"DiscoverUsersRole": wanted(
			"logs:CreateLogStream on ${DiscoverUsersLog.Arn}",
			"logs:PutLogEvents on ${DiscoverUsersLog.Arn}",
			"iam:GetAccountAuthorizationDetails on *",
			"s3:ListAllMyBuckets on *",
			"s3:GetBucketLocation on s3://*",
			"s3:ListBucket on s3://RUNS",
			"s3:GetObject on s3://RUNS/turn.json",
			"s3:PutObject on s3://RUNS/turn.json",
			"s3:PutObject on s3://RUNS/runs/*/users.json",
			"states:DescribeExecution on states::execution:sync-users:*",
			"states:ListExecutions on states::stateMachine:sync-users",
		),
		"SyncUserRole": wanted(
			"logs:CreateLogStream on ${SyncUserLog.Arn}",
			"logs:PutLogEvents on ${SyncUserLog.Arn}",
			"ssm:GetParameters on ssm::parameter/iam/access_key/*",
			"ssm:GetParameters on ssm::parameter/iam/secret_key/*",
			"ssm:GetParameters on ssm::parameter/sftpgo/password",
			"s3:GetObject on s3://RUNS/turn.json",
		),
		"SummarizeRunRole": wanted(
			"logs:CreateLogStream on ${SummarizeRunLog.Arn}",
			"logs:PutLogEvents on ${SummarizeRunLog.Arn}",
			"s3:GetObject on s3://RUNS/runs/*",
			"s3:PutObject on s3://RUNS/runs/*/report.json",
			"s3:PutObject on s3://RUNS/runs/*/report.html",
			"s3:PutObject on s3://RUNS/runs/*/summary.json",
		),
		"WorkflowRole": wanted(
			"lambda:InvokeFunction on ${DiscoverUsersFunction.Arn}",
			"lambda:InvokeFunction on ${SyncUserFunction.Arn}",
			"lambda:InvokeFunction on ${SummarizeRunFunction.Arn}",
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
		"TriggerRole":  wanted("states:StartExecution on ${WorkflowStateMachine}"),
		"ScheduleRole": wanted("states:StartExecution on ${WorkflowStateMachine}", "sqs:SendMessage on ${Undelivered.Arn}"),
		"EndingsRole": wanted(
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
	for name, role := range templateOf(t, "created").ofType("AWS::IAM::Role") {
		have[name] = statements(t, role)
	}
	assert.Equal(t, want, have)
	assert.Empty(t, templateOf(t, "created").ofType("AWS::IAM::Policy"), "permissions stand in the roles")
}

// What customer keys, a network and tracing add, and nothing else.
func TestWhatALargeInstallationAddsToItsRoles(t *testing.T) {
	t.Parallel()
	const (
		key           = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-00000000000"
		bucketsKey    = " on " + key + `2 if {"StringEquals":{"kms:ViaService":"s3.${AWS::Region}.amazonaws.com"}}`
		parametersKey = " on " + key + `1 if {"StringLike":{"kms:EncryptionContext:PARAMETER_ARN":["ssm::parameter/iam/access_key/*","ssm::parameter/iam/secret_key/*","ssm::parameter/sftpgo/production/api-key"]}}`
		topicKey      = " on " + key + `3 if {"StringEquals":{"kms:EncryptionContext:aws:sns:topicArn":"sns::sync-users-production-alerts"}}`
		ourOwn        = ` on * if {"ArnEquals":{"lambda:SourceFunctionArn":"lambda::function:sync-users-production-sync-user"}}`
	)
	traces := []string{"xray:PutTraceSegments on *", "xray:PutTelemetryRecords on *"}
	buckets := []string{"kms:Decrypt" + bucketsKey, "kms:GenerateDataKey" + bucketsKey}
	topic := []string{"kms:Decrypt" + topicKey, "kms:GenerateDataKey" + topicKey}
	network := []string{}
	for _, action := range []string{
		"CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces",
		"DescribeSubnets", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses",
	} {
		network = append(network, "ec2:"+action+" on *", "Deny ec2:"+action+ourOwn)
	}
	want := map[string][]string{
		"DiscoverUsersRole": slices.Concat(traces, buckets),
		"SyncUserRole": slices.Concat(traces, network, []string{
			"kms:Decrypt" + bucketsKey, "kms:Decrypt" + parametersKey, "ssm:GetParameters on ssm::parameter/sftpgo/production/api-key",
		}),
		"SummarizeRunRole": slices.Concat(traces, buckets),
		"WorkflowRole": slices.Concat(traces, buckets, topic, []string{
			"xray:GetSamplingRules on *", "xray:GetSamplingTargets on *",
		}),
		"EndingsRole":  topic,
		"TriggerRole":  nil,
		"ScheduleRole": {"sqs:SendMessage on ${Undelivered.Arn}", "states:StartExecution on ${WorkflowStateMachine}"},
	}
	small := templateOf(t, "small").ofType("AWS::IAM::Role")
	for name, role := range templateOf(t, "large").ofType("AWS::IAM::Role") {
		var before []string
		if other, ok := small[name]; ok {
			before = statements(t, other)
		}
		var added []string
		for _, line := range statements(t, role) {
			usual := strings.ReplaceAll(strings.ReplaceAll(line, "sync-users-production", "sync-users"), "digipres-production-", "digipres-dev1-")
			if !slices.Contains(before, usual) {
				added = append(added, line)
			}
		}
		assert.Equal(t, wanted(want[name]...), added, name)
		assert.Nil(t, role.at("PermissionsBoundary"), name)
	}
}

// The CDK does it, by its own key of the context.
func TestPermissionsBoundaryIsOnEachRole(t *testing.T) {
	t.Parallel()
	for name, role := range templateOf(t, "created").ofType("AWS::IAM::Role") {
		assert.Equal(t, permissionsBoundary, role.at("PermissionsBoundary"), name)
	}
}

func TestEachRoleIsOfOneService(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"DiscoverUsersRole": "lambda", "SyncUserRole": "lambda", "SummarizeRunRole": "lambda",
		"WorkflowRole": "states", "TriggerRole": "events", "EndingsRole": "events", "ScheduleRole": "scheduler",
	}
	have := map[string]string{}
	for name, role := range templateOf(t, "created").ofType("AWS::IAM::Role") {
		trust := role.at("AssumeRolePolicyDocument", "Statement").([]any)
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
