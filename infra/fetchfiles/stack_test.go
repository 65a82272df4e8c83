package fetchfiles

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/digipres/sync-users/infra/settings"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
	"github.com/digipres/sync-users/statemachine"
)

// statementsOf returns what a role may do, besides logging.
func statementsOf(t *testing.T, variant, role string) []string {
	t.Helper()
	found, ok := variants.Template(t, variant).OfType("AWS::IAM::Role")[role]
	require.True(t, ok, role)
	return slices.DeleteFunc(constructtest.Statements(t, found), func(line string) bool {
		return strings.HasPrefix(line, "Allow logs:") || strings.HasPrefix(line, "Allow xray:")
	})
}

const viaS3 = `{"StringEquals":{"kms:ViaService":"s3.${AWS::Region}.amazonaws.com"}}`

func wanted(name string, lines ...string) []string {
	for i, line := range lines {
		lines[i] = strings.ReplaceAll(line, "secretsmanager::", "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:")
	}
	lines = constructtest.Wanted(lines...)
	for i, line := range lines {
		lines[i] = strings.ReplaceAll(line, "NAME", name)
	}
	return lines
}

// The connector reads its login, and writes where the syncs go and where listings do.
func TestPermissionsOfTheConnector(t *testing.T) {
	t.Parallel()
	tests := []struct {
		variant, name string
		want          []string
	}{
		{"example", "fetch-example-partner", []string{
			"secretsmanager:GetSecretValue on secretsmanager::secret:aws/transfer/NAME/sftp-??????",
			"s3:GetBucketLocation on s3://example-incoming", "s3:ListBucket on s3://example-incoming",
			"s3:GetBucketLocation on s3://example-archive", "s3:ListBucket on s3://example-archive",
			"s3:GetBucketLocation on s3://RUNS", "s3:ListBucket on s3://RUNS",
			"s3:PutObject on s3://example-incoming/partner/*", "s3:PutObjectAcl on s3://example-incoming/partner/*", "s3:AbortMultipartUpload on s3://example-incoming/partner/*",
			"s3:PutObject on s3://example-incoming/documents/*", "s3:PutObjectAcl on s3://example-incoming/documents/*", "s3:AbortMultipartUpload on s3://example-incoming/documents/*",
			"s3:PutObject on s3://example-archive/partner/archive/*", "s3:PutObjectAcl on s3://example-archive/partner/archive/*", "s3:AbortMultipartUpload on s3://example-archive/partner/archive/*",
			"s3:PutObject on s3://RUNS/listings/*", "s3:PutObjectAcl on s3://RUNS/listings/*", "s3:AbortMultipartUpload on s3://RUNS/listings/*",
			"kms:Decrypt on " + keyARN + "1 if " + viaS3, "kms:GenerateDataKey on " + keyARN + "1 if " + viaS3,
		}},
		{"large", "fetch-large", []string{
			"secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:123456789012:secret:p-abcdef",
			"s3:GetBucketLocation on s3://incoming", "s3:ListBucket on s3://incoming",
			"s3:GetBucketLocation on s3://RUNS", "s3:ListBucket on s3://RUNS",
			"s3:PutObject on s3://incoming/*", "s3:PutObjectAcl on s3://incoming/*", "s3:AbortMultipartUpload on s3://incoming/*",
			"s3:PutObject on s3://RUNS/listings/*", "s3:PutObjectAcl on s3://RUNS/listings/*", "s3:AbortMultipartUpload on s3://RUNS/listings/*",
			"kms:Decrypt on " + keyARN + `2 if {"StringLike":{"kms:EncryptionContext:SecretARN":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:p-abcdef"}}`,
			"kms:Decrypt on " + keyARN + "4 if " + viaS3, "kms:GenerateDataKey on " + keyARN + "4 if " + viaS3,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.variant, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, wanted(tt.name, tt.want...), statementsOf(t, tt.variant, "ConnectorRole"))
		})
	}
	role := variants.Template(t, "example").OfType("AWS::IAM::Role")["ConnectorRole"]
	assert.JSONEq(t, `{"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"},
		"ArnLike": {"aws:SourceArn": "arn:${AWS::Partition}:transfer:${AWS::Region}:${AWS::AccountId}:connector/*"}}`,
		constructtest.TextOf(t, role.At("AssumeRolePolicyDocument").(map[string]any)["Statement"].([]any)[0].(map[string]any)["Condition"]))
}

// One role a function: none has more than its steps need, and what a mirror deletes is the one
// thing that can be deleted in a target.
func TestPermissionsOfTheFunctions(t *testing.T) {
	t.Parallel()
	target := []string{
		"s3:ListBucket on s3://example-incoming", "s3:ListBucket on s3://example-archive",
		"s3:GetObject on s3://example-incoming/partner/*", "s3:GetObject on s3://example-incoming/documents/*", "s3:GetObject on s3://example-archive/partner/archive/*",
		"kms:Decrypt on " + keyARN + "1 if " + viaS3,
	}
	records := []string{
		"s3:ListBucket on s3://RUNS", "s3:GetObject on s3://RUNS/locks/*", "s3:GetObject on s3://RUNS/runs/*", "s3:PutObject on s3://RUNS/runs/*",
		"s3:GetObject on s3://RUNS/manifest/*", "s3:PutObject on s3://RUNS/manifest/*", "s3:DeleteObject on s3://RUNS/manifest/*", "s3:GetObject on s3://RUNS/events/*",
	}
	connector := func(action string) string { return "transfer:" + action + " on ${Connector.Arn}" }
	tests := map[string][]string{
		"PlanFetchRole": {
			"s3:ListBucket on s3://RUNS", "s3:GetObject on s3://RUNS/locks/*", "s3:PutObject on s3://RUNS/locks/*", "s3:GetObject on s3://RUNS/runs/*",
			"s3:PutObject on s3://RUNS/runs/*", "s3:GetObject on s3://RUNS/walked/*", "s3:GetObject on s3://RUNS/mails.json",
			"ssm:GetParametersByPath on ssm::parameter/NAME/syncs", "ssm:GetParametersByPath on ssm::parameter/NAME/syncs/*",
			connector("TestConnection"), "states:DescribeExecution on states::execution:NAME:*",
		},
		"ListFolderRole": slices.Concat(records, target, []string{
			"s3:GetObject on s3://RUNS/listings/*", connector("StartDirectoryListing"), connector("StartRemoteMove"), connector("StartRemoteDelete"),
		}),
		"FetchBatchRole": slices.Concat(records, target, []string{
			connector("StartFileTransfer"), connector("ListFileTransferResults"), "s3:DeleteObject on s3://example-archive/partner/archive/*",
		}),
		"RecordEventRole": {"s3:ListBucket on s3://RUNS", "s3:PutObject on s3://RUNS/events/*"},
		"SummarizeFetchRole": {
			"s3:ListBucket on s3://RUNS", "s3:GetObject on s3://RUNS/runs/*", "s3:PutObject on s3://RUNS/runs/*", "s3:GetObject on s3://RUNS/walked/*",
			"s3:PutObject on s3://RUNS/walked/*", "s3:GetObject on s3://RUNS/mails.json", "s3:PutObject on s3://RUNS/mails.json",
		},
	}
	for role, want := range tests {
		assert.Equal(t, wanted("fetch-example-partner", want...), statementsOf(t, "example", role), role)
	}
}

func TestConnector(t *testing.T) {
	t.Parallel()
	connector := variants.Template(t, "example").Only(t, "AWS::Transfer::Connector")
	assert.Equal(t, map[string]any{
		"AccessRole": "${ConnectorRole.Arn}", "LoggingRole": "${ConnectorLoggingRole.Arn}",
		"SecurityPolicyName": "TransferSFTPConnectorSecurityPolicy-2024-03", "Url": "sftp://sftp.partner.example:2222",
		"SftpConfig": map[string]any{
			"MaxConcurrentConnections": 5.0, "TrustedHostKeys": []any{hostKey},
			"UserSecretId": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:aws/transfer/fetch-example-partner/sftp",
		},
	}, connector.At())
	assert.Equal(t, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:p-abcdef",
		variants.Template(t, "large").Only(t, "AWS::Transfer::Connector").At("SftpConfig", "UserSecretId"))
	for name := range variants {
		assert.Empty(t, variants.Template(t, name).OfType("AWS::SecretsManager::Secret"), "a template has no secret")
	}
}

// A run for each sync with a schedule; without host keys, or if an operator says so, none starts.
func TestSchedules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		variant, state string
		want           map[string]string
	}{
		{"example", "ENABLED", map[string]string{
			`{"scheduled":true,"sync":"reports-year-month-day-1aac1db0"}`: "cron(0 2 * * ? *)", `{"scheduled":true,"sync":"archive-c1152828"}`: "cron(0 0 ? * 1 *)",
			`{"scheduled":true,"sync":"documents"}`: "cron(0/10 * * * ? *)",
		}},
		{"transfersync", "DISABLED", map[string]string{
			`{"scheduled":true,"sync":"home-one-80a7bf9b"}`: "cron(0 * * * ? *)", `{"scheduled":true,"sync":"home-two-33e0c3bf"}`: "cron(0 0 ? * 1 *)",
		}},
		{"large", "", map[string]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.variant, func(t *testing.T) {
			t.Parallel()
			found := map[string]string{}
			for _, schedule := range variants.Template(t, tt.variant).OfType("AWS::Scheduler::Schedule") {
				found[schedule.At("Target", "Input").(string)] = schedule.At("ScheduleExpression").(string)
				assert.Equal(t, tt.state, schedule.At("State"))
				assert.Equal(t, "UTC", schedule.At("ScheduleExpressionTimezone"))
			}
			assert.Equal(t, tt.want, found)
		})
	}
}

// Folders with dates, deep ones and such as differ by a slash alone have names of their own
// that AWS takes.
func TestNamesAreSafe(t *testing.T) {
	t.Parallel()
	template := variants.Template(t, "names")
	seen := map[string]bool{}
	for _, schedule := range template.OfType("AWS::Scheduler::Schedule") {
		name := schedule.At("Name").(string)
		assert.Regexp(t, `^[0-9a-zA-Z-_.]{1,64}$`, name)
		seen[name] = true
		assert.LessOrEqual(t, len([]rune(schedule.At("Description").(string))), 512)
	}
	assert.Len(t, seen, 5)
	assert.Len(t, template.OfType("AWS::SSM::Parameter"), 5)
}

// Runs and the command line read in Parameter Store what the configuration says.
func TestParameters(t *testing.T) {
	t.Parallel()
	found := 0
	for _, parameter := range variants.Template(t, "example").OfType("AWS::SSM::Parameter") {
		sync, err := fetchconfig.ParseSync([]byte(parameter.At("Value").(string)))
		require.NoError(t, err)
		assert.Equal(t, "/fetch-example-partner/syncs/"+sync.Name, parameter.At("Name"))
		found++
	}
	assert.Equal(t, 3, found)
}

func TestRuleOfTheConnector(t *testing.T) {
	t.Parallel()
	template := variants.Template(t, "example")
	rule := template.OfType("AWS::Events::Rule")["EventsRule"]
	assert.Equal(t, map[string]any{
		"source": []any{"aws.transfer"}, "detail-type": []any{
			map[string]any{"prefix": "SFTP Connector Directory Listing "}, map[string]any{"prefix": "SFTP Connector Remote Move "},
			map[string]any{"prefix": "SFTP Connector Remote Delete "},
		},
		"detail": map[string]any{"connector-id": []any{"${Connector.ConnectorId}"}},
	}, rule.At("EventPattern"))
	target := rule.At("Targets").([]any)[0].(map[string]any)
	assert.Equal(t, "${RecordEventFunction.Arn}", target["Arn"])
	assert.Equal(t, "${Undelivered.Arn}", target["DeadLetterConfig"].(map[string]any)["Arn"])
	permission := template.Only(t, "AWS::Lambda::Permission")
	assert.Equal(t, "${EventsRule.Arn}", permission.At("SourceArn"))
}

func TestDefinitionHasAllItsSubstitutions(t *testing.T) {
	t.Parallel()
	machine := variants.Template(t, "example").Only(t, "AWS::StepFunctions::StateMachine")
	assert.Equal(t, statemachine.FetchFiles, machine.At("DefinitionString"))
	for _, m := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(statemachine.FetchFiles, -1) {
		assert.Contains(t, machine.At("DefinitionSubstitutions"), m[1])
	}
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	names := func(variant string) []string {
		return constructtest.Keys(variants.Template(t, variant).OfType("AWS::CloudWatch::Alarm"))
	}
	always := []string{"Alarmsaborted", "Alarmseventsfailed", "Alarmsfunctionsthrottled", "Alarmsnotstarted", "Alarmsrunsthrottled", "Alarmstimedout"}
	sorted := func(more ...string) []string {
		all := append(slices.Clone(always), more...)
		slices.Sort(all)
		return all
	}
	assert.Equal(t, sorted("Alarmsnothingfetched"), names("example"), "twice a week is too long for an alarm")
	assert.Equal(t, sorted(), names("transfersync"), "without host keys nothing runs")
	assert.Equal(t, sorted("Alarmsstale"), names("transfersync connection"))
	nothing := variants.Template(t, "example").OfType("AWS::CloudWatch::Alarm")["Alarmsnothingfetched"]
	assert.Equal(t, "FilesFetched", nothing.At("MetricName"))
	assert.Equal(t, 26.0, nothing.At("EvaluationPeriods"))
	assert.Equal(t, "breaching", nothing.At("TreatMissingData"))
	stale := variants.Template(t, "transfersync connection").OfType("AWS::CloudWatch::Alarm")["Alarmsstale"]
	assert.Equal(t, "CompleteRuns", stale.At("MetricName"))
	assert.Equal(t, 2.0, stale.At("EvaluationPeriods"))
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		context map[string]any
		want    string
	}{
		{"nothing", map[string]any{}, "setting configuration: it is missing: give the name of a file like partner.json"},
		{"no file", map[string]any{"configuration": "nowhere.json"}, "setting configuration: there is no file to read: open nowhere.json"},
		{"mistakes", map[string]any{"configuration": write(`{"Name": "x", "Url": "h", "Schedule": "@dayly"}`)}, "has mistakes:\n" +
			"  Schedule: there is no tag \"@dayly\"; did you mean @daily?; the tags are"},
		{"a secret itself", map[string]any{"configuration": server(sync("/a", "")), "connectorSecret": "hunter2!{}"}, "setting connectorSecret:"},
		{"a stack of Parameter Store's own", map[string]any{"configuration": server(sync("/a", "")), "stackName": "aws-fetch"}, "setting stackName: Parameter Store takes no name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.context["system"] = "fetch-files"
			require.ErrorContains(t, settings.Read(newSystem().(*Settings), tt.context, func(string) string { return "" }), tt.want)
		})
	}
}

// Each server has a CloudFormation stack of its own, unless somebody names it.
func TestStackName(t *testing.T) {
	t.Parallel()
	for context, want := range map[string]string{
		transferSync("transfersync-connection.json"): "fetch-sftp-connection-1", server(sync("/a", "")): "fetch-partner-s-hne-8a200fb5",
	} {
		s := new(Settings)
		require.NoError(t, settings.Read(s, map[string]any{"system": "fetch-files", "configuration": context}, func(string) string { return "" }))
		assert.Equal(t, want, s.StackName)
		assert.Equal(t, "aws/transfer/"+want+"/sftp", s.ConnectorSecret)
	}
}
