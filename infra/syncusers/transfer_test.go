package syncusers

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/digipres/sync-users/statemachine"
)

// transferStatements returns a role's permissions, with short ARNs.
func transferStatements(t *testing.T, role string) []string {
	t.Helper()
	return constructtest.Statements(t, variants.Template(t, "transfer").OfType("AWS::IAM::Role")[role])
}

func wantedOfTransfer(lines ...string) []string {
	lines = constructtest.Wanted(lines...)
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], "NAME", "sync-transfer-users")
	}
	return lines
}

// The function has nothing of SFTPGo or of people's keys, and is in no VPC.
func TestTransferFunction(t *testing.T) {
	t.Parallel()
	assert.Equal(t, wantedOfTransfer(
		"logs:CreateLogStream on ${SyncUserLog.Arn}",
		"logs:PutLogEvents on ${SyncUserLog.Arn}",
		"transfer:DescribeServer on transfer::server/s-0123456789abcdef0",
		"transfer:DescribeUser on transfer::user/s-0123456789abcdef0/*",
		"transfer:UpdateUser on transfer::user/s-0123456789abcdef0/*",
		`iam:PassRole on ${TransferUsersRole.Arn} if {"StringEquals":{"iam:PassedToService":"transfer.amazonaws.com"}}`,
		"s3:GetObject on s3://RUNS/turn.json",
	), transferStatements(t, "SyncUserRole"))
	function := variants.Template(t, "transfer").OfType("AWS::Lambda::Function")["SyncUserFunction"]
	assert.Equal(t, "sync-transfer-users-sync-transfer-user", function.At("FunctionName"))
	assert.LessOrEqual(t, len("-sync-transfer-user")+30, 64, "stackName has 30 characters at most")
	assert.Equal(t, map[string]any{
		"LOG_LEVEL": "info", "SESSION_POLICY": "true", "END_SESSIONS": "false", "TRANSFER_SERVER_ID": "s-0123456789abcdef0",
		"RUNS_BUCKET": "${AWS::AccountId}-sync-transfer-users-runs-${AWS::Region}",
	}, function.At("Environment", "Variables"))
	assert.Nil(t, function.At("VpcConfig"))
}

// The rest of the installation is the one of SFTPGo, without the list of its accounts.
func TestTransferChangesNothingElse(t *testing.T) {
	t.Parallel()
	transfer, sftpgo := variants.Template(t, "transfer"), variants.Template(t, "small")
	for name, role := range sftpgo.OfType("AWS::IAM::Role") {
		if name == "SyncUserRole" || name == "ListAccountsRole" {
			continue
		}
		var want []string
		for _, line := range constructtest.Statements(t, role) {
			if strings.Contains(line, "${ListAccountsFunction.Arn}") {
				continue
			}
			want = append(want, strings.NewReplacer(":sync-users", ":sync-transfer-users", "-sync-users-runs", "-sync-transfer-users-runs").Replace(line))
		}
		assert.Equal(t, want, transferStatements(t, name), name)
	}
	for name, r := range sftpgo.Resources {
		if strings.HasPrefix(name, "ListAccounts") {
			continue
		}
		assert.Equal(t, r.Type, transfer.Resources[name].Type, name)
	}
	assert.Equal(t,
		statemachine.WithoutListing(sftpgo.Only(t, "AWS::StepFunctions::StateMachine").At("DefinitionString").(string)),
		transfer.Only(t, "AWS::StepFunctions::StateMachine").At("DefinitionString"))
	assert.NotContains(t, transfer.Text, "SFTPGo")
	assert.Contains(t, transfer.Text, `TransferErrors`)
}

func TestTransferRole(t *testing.T) {
	t.Parallel()
	const ofAccount = ` if {"StringEquals":{"s3:ResourceAccount":"${AWS::AccountId}"}}`
	assert.Equal(t, wantedOfTransfer(
		"s3:ListBucket on s3://*-*-*"+ofAccount,
		"s3:GetBucketLocation on s3://*-*-*"+ofAccount,
		"s3:GetObject on s3://*-*-*/*"+ofAccount,
		"s3:GetObjectTagging on s3://*-*-*/*"+ofAccount,
		"s3:PutObject on s3://*-*-*/*"+ofAccount,
		"s3:PutObjectTagging on s3://*-*-*/*"+ofAccount,
		"s3:DeleteObject on s3://*-*-*/*"+ofAccount,
		"s3:AbortMultipartUpload on s3://*-*-*/*"+ofAccount,
		"Deny s3:Put* on s3://*-managed/*",
		"Deny s3:Delete* on s3://*-managed/*",
		"Deny s3:AbortMultipartUpload on s3://*-managed/*",
		"Deny s3:* on s3://*-repl",
		"Deny s3:* on s3://*-repl/*",
		"Deny s3:* on s3://${AWS::AccountId}-*",
		"Deny s3:* on s3://${AWS::AccountId}-*/*",
	), transferStatements(t, "TransferUsersRole"))
	trust := variants.Template(t, "transfer").OfType("AWS::IAM::Role")["TransferUsersRole"].At("AssumeRolePolicyDocument", "Statement").([]any)
	require.Len(t, trust, 1)
	assert.Equal(t, map[string]any{
		"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": map[string]any{"Service": "transfer.amazonaws.com"},
		"Condition": map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": "${AWS::AccountId}"},
			"ArnLike":      map[string]any{"aws:SourceArn": "arn:${AWS::Partition}:transfer:${AWS::Region}:${AWS::AccountId}:user/s-0123456789abcdef0/*"},
		},
	}, trust[0])
}

func TestTransferRolesOfTheirOwn(t *testing.T) {
	t.Parallel()
	context := constructtest.Example("transfer")
	context["createTransferRole"], context["sessionPolicy"] = "false", "false"
	context["transferRoles"] = "arn:aws:iam::123456789012:role/sftp/team-*,arn:aws:iam::123456789012:role/archive"
	context["accountTag"], context["endSessions"] = "SftpName", "true"
	context["bucketsKey"] = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000002"
	found, err := constructtest.Synthesize(newSystem(), context)
	require.NoError(t, err)
	roles := found.OfType("AWS::IAM::Role")
	assert.NotContains(t, roles, "TransferUsersRole")
	assert.NotContains(t, found.Outputs, "TransferRoleArn")
	statements := constructtest.Statements(t, roles["SyncUserRole"])
	assert.Subset(t, statements, constructtest.Wanted(
		"iam:PutRolePolicy on arn:aws:iam::123456789012:role/sftp/team-*",
		"iam:PutRolePolicy on arn:aws:iam::123456789012:role/archive",
		`iam:PassRole on arn:aws:iam::123456789012:role/sftp/team-* if {"StringEquals":{"iam:PassedToService":"transfer.amazonaws.com"}}`,
		`iam:PassRole on arn:aws:iam::123456789012:role/archive if {"StringEquals":{"iam:PassedToService":"transfer.amazonaws.com"}}`,
		`kms:Decrypt on arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000002 if {"StringEquals":{"kms:ViaService":"s3.${AWS::Region}.amazonaws.com"}}`,
	))
	functions := found.OfType("AWS::Lambda::Function")
	assert.Equal(t, "false", functions["SyncUserFunction"].At("Environment", "Variables", "SESSION_POLICY"))
	assert.Len(t, slices.DeleteFunc(statements, func(line string) bool { return !strings.Contains(line, "iam:PutRolePolicy") }), 2)
	assert.Equal(t, "true", functions["SyncUserFunction"].At("Environment", "Variables", "END_SESSIONS"))
	assert.Equal(t, "SftpName", functions["DiscoverUsersFunction"].At("Environment", "Variables", "ACCOUNT_TAG"))
}

func TestTransferOutputs(t *testing.T) {
	t.Parallel()
	outputs := variants.Template(t, "transfer").Outputs
	assert.Equal(t, "s-0123456789abcdef0", outputs["TransferServerId"].Value)
	assert.Equal(t, "true", outputs["SessionPolicy"].Value)
	assert.Equal(t, "Email", outputs["AccountTag"].Value)
	assert.Equal(t, "${TransferUsersRole.Arn}", constructtest.Plain(outputs["TransferRoleArn"].Value))
	assert.NotContains(t, variants.Template(t, "small").Outputs, "TransferServerId")
}

func TestSettingsOfTransfer(t *testing.T) {
	t.Parallel()
	transfer := func(more map[string]any) map[string]any {
		context := map[string]any{
			"server": "transfer", "transferServer": "s-0123456789abcdef0", "createTransferRole": true, "managedBucket": "digipres-dev1-managed",
		}
		for name, value := range more {
			context[name] = value
		}
		return context
	}
	sftpgo := map[string]string{"SFTPGO_HOST": "https://sftpgo.example.org"}
	tests := []struct {
		name        string
		give        map[string]any
		environment map[string]string
		want        string
	}{
		{"right", transfer(nil), nil, ""},
		{"roles of their own", transfer(map[string]any{"createTransferRole": "", "transferRoles": "arn:aws-cn:iam::123456789012:role/a/b*"}), nil, ""},
		{"another kind of server", transfer(map[string]any{"server": "ftp"}), nil, `setting server: "ftp" is not one of sftpgo, transfer`},
		{"no server", transfer(map[string]any{"transferServer": ""}), nil, "setting transferServer: it is missing: give an id like s-0123456789abcdef0"},
		{"an id that is too short", transfer(map[string]any{"transferServer": "s-01234567"}), nil, `setting transferServer: "s-01234567" is not an id like s-0123456789abcdef0`},
		{"no role", transfer(map[string]any{"createTransferRole": false}), nil,
			"setting transferRoles: they are missing: give the ARNs of the roles that Transfer users have, or createTransferRole=true"},
		{"a role by its name", transfer(map[string]any{"transferRoles": "archive"}), nil,
			`setting transferRoles: "archive" is not the ARN of a role like arn:aws:iam::123456789012:role/transfer-users`},
		{"every role", transfer(map[string]any{"transferRoles": "arn:aws:iam::123456789012:role/*"}), nil,
			`setting transferRoles: "arn:aws:iam::123456789012:role/*" is not the ARN of a role like arn:aws:iam::123456789012:role/transfer-users`},
		{"SFTPGo's", transfer(map[string]any{"s3Endpoint": "https://s3.example.org", "vpc": "vpc-01234567"}), nil,
			"setting s3Endpoint: it is given, but the server is AWS Transfer Family: take it away\n" +
				"setting vpc: it is given, but the server is AWS Transfer Family: take it away"},
		{"SFTPGo's in the environment", transfer(nil), sftpgo,
			"setting sftpgoHost: it is given, here or as SFTPGO_HOST in the environment, but the server is AWS Transfer Family: take it away"},
		{"Transfer's with SFTPGo", enough(map[string]any{"transferServer": "s-0123456789abcdef0", "sessionPolicy": true}), nil,
			"setting transferServer: it is given, but the server is SFTPGo: take it away\n" +
				"setting sessionPolicy: it is given, but the server is SFTPGo: take it away"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := read(tt.give, func(name string) string { return tt.environment[name] })
			if tt.want == "" {
				require.NoError(t, err)
				assert.Equal(t, "sync-transfer-users", s.StackName)
				return
			}
			require.EqualError(t, err, tt.want)
		})
	}
}
