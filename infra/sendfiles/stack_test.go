package sendfiles

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/digipres/sync-users/infra/settings"
	"github.com/digipres/sync-users/statemachine"
)

// statementsOf returns what the role of a function may do, besides logging.
func statementsOf(t *testing.T, variant, role string) []string {
	t.Helper()
	found, ok := variants.Template(t, variant).OfType("AWS::IAM::Role")[role]
	require.True(t, ok, role)
	return slices.DeleteFunc(constructtest.Statements(t, found), func(line string) bool {
		return strings.HasPrefix(line, "Allow logs:") || strings.HasPrefix(line, "Allow xray:") || strings.Contains(line, "ec2:")
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

// send-file may do with the objects under the prefix what the setting `after` says, and reads
// only the secrets that the settings refer to.
func TestPermissionsOfSendFile(t *testing.T) {
	t.Parallel()
	records := []string{
		"s3:ListBucket on s3://RUNS", "s3:GetObject on s3://RUNS/sent/*", "s3:PutObject on s3://RUNS/sent/*",
	}
	tests := []struct {
		variant, name string
		want          []string
	}{
		{"small", "send-files", []string{
			"s3:ListBucket on s3://outgoing", "s3:GetObject on s3://outgoing/*", "s3:DeleteObject on s3://outgoing/*",
			"ssm:GetParameters on ssm::parameter/send-files/password",
		}},
		{"example", "send-to-partner", []string{
			"s3:ListBucket on s3://example-outgoing", "s3:GetObject on s3://example-outgoing/reports/*",
			"s3:DeleteObject on s3://example-outgoing/reports/*", "s3:GetObjectTagging on s3://example-outgoing/reports/*",
			"s3:GetObject on s3://example-outgoing/sent/*", "s3:PutObject on s3://example-outgoing/sent/*",
			"s3:PutObjectTagging on s3://example-outgoing/sent/*", "s3:AbortMultipartUpload on s3://example-outgoing/sent/*",
			"secretsmanager:GetSecretValue on secretsmanager::secret:partner/sftp-??????",
		}},
		{"large", "send-files", []string{
			"s3:ListBucket on s3://outgoing", "s3:GetObject on s3://outgoing/out/*",
			"s3:GetObjectTagging on s3://outgoing/out/*", "s3:PutObjectTagging on s3://outgoing/out/*",
			"kms:Decrypt on " + keyARN + `1 if {"StringLike":{"kms:EncryptionContext:PARAMETER_ARN":["ssm::parameter/partner/name","ssm::parameter/partner/host-keys"]}}`,
			"kms:Decrypt on " + keyARN + `2 if {"StringLike":{"kms:EncryptionContext:SecretARN":["arn:aws:secretsmanager:eu-west-1:123456789012:secret:p-abcdef"]}}`,
			"kms:Decrypt on " + keyARN + "3 if " + viaS3,
			"kms:Decrypt on " + keyARN + "4 if " + viaS3, "kms:GenerateDataKey on " + keyARN + "4 if " + viaS3,
			"ssm:GetParameters on ssm::parameter/partner/name", "ssm:GetParameters on ssm::parameter/partner/host-keys",
			"secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:123456789012:secret:p-abcdef",
			"s3:GetObject on s3://keys/partner/id_rsa",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.variant, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, wanted(tt.name, slices.Concat(records, tt.want)...), statementsOf(t, tt.variant, "SendFileRole"))
		})
	}
}

func TestPermissionsOfTheOthers(t *testing.T) {
	t.Parallel()
	assert.Equal(t, wanted("send-files",
		"s3:ListBucket on s3://outgoing", "s3:ListBucket on s3://RUNS",
		"s3:GetObject on s3://RUNS/turn.json", "s3:PutObject on s3://RUNS/turn.json",
		"s3:GetObject on s3://RUNS/manifest.json", "s3:PutObject on s3://RUNS/manifest.json",
		"s3:GetObject on s3://RUNS/superseded.json", "s3:PutObject on s3://RUNS/superseded.json",
		"s3:GetObject on s3://RUNS/runs/*/objects.json", "s3:PutObject on s3://RUNS/runs/*/objects.json",
		"s3:GetObject on s3://RUNS/mails.json",
		"states:DescribeExecution on states::execution:send-files:*",
	), statementsOf(t, "small", "ListObjectsRole"))
	assert.Equal(t, wanted("send-files",
		"s3:ListBucket on s3://RUNS", "s3:GetObject on s3://RUNS/runs/*",
		"s3:GetObject on s3://RUNS/manifest.json", "s3:PutObject on s3://RUNS/manifest.json",
		"s3:GetObject on s3://RUNS/mails.json", "s3:PutObject on s3://RUNS/mails.json",
		"s3:GetObject on s3://RUNS/days/*", "s3:PutObject on s3://RUNS/days/*",
		"s3:PutObject on s3://RUNS/runs/*/report.json", "s3:PutObject on s3://RUNS/runs/*/report.html", "s3:PutObject on s3://RUNS/runs/*/summary.json",
	), statementsOf(t, "small", "SummarizeSendRole"))
}

func TestDefinitionHasAllItsSubstitutions(t *testing.T) {
	t.Parallel()
	machine := variants.Template(t, "small").Only(t, "AWS::StepFunctions::StateMachine")
	assert.Equal(t, statemachine.SendFiles, machine.At("DefinitionString"))
	for _, m := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(statemachine.SendFiles, -1) {
		assert.Contains(t, machine.At("DefinitionSubstitutions"), m[1])
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	sends := variants.Template(t, "large").OfType("AWS::Lambda::Function")["SendFileFunction"]
	assert.Equal(t, 30.0, sends.At("Timeout"))
	assert.Equal(t, map[string]any{
		"LOG_LEVEL": "info", "RUNS_BUCKET": "${AWS::AccountId}-send-files-runs-${AWS::Region}",
		"SOURCE_BUCKET": "outgoing", "SOURCE_PREFIX": "out/", "SSH_FILENAME": "{key}", "AFTER": "tag", "EXISTING": "replace", "VERIFY": "size",
		"SSH_HOST": "10.0.0.1", "SSH_PORT": "2222", "SSH_USERNAME": "ssm:/partner/name", "SSH_HOST_KEYS": "ssm:/partner/host-keys",
		"SSH_PRIVATE_KEY":            "keys:partner/id_rsa",
		"SSH_PRIVATE_KEY_PASSPHRASE": "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:p-abcdef",
	}, sends.At("Environment", "Variables"))
	assert.NotNil(t, sends.At("VpcConfig"))
}

// The lock of a run that was stopped is held for as long as any function may go on.
func TestInvocationTimeoutIsTheLongest(t *testing.T) {
	t.Parallel()
	for variant, want := range map[string]string{"small": "600s", "large": "300s"} {
		functions := variants.Template(t, variant).OfType("AWS::Lambda::Function")
		longest := 0.0
		for _, function := range functions {
			longest = max(longest, function.At("Timeout").(float64))
		}
		assert.Equal(t, want, functions["ListObjectsFunction"].At("Environment", "Variables", "INVOCATION_TIMEOUT"))
		assert.Equal(t, want, fmt.Sprintf("%.0fs", longest), variant)
	}
}

// What was sent is told by records, so these stay for as long as there may be objects that
// are kept. Only what a run leaves for people expires.
func TestRecordsDoNotExpire(t *testing.T) {
	t.Parallel()
	var prefixes []string
	for _, rule := range variants.Template(t, "small").Only(t, "AWS::S3::Bucket").At("LifecycleConfiguration", "Rules").([]any) {
		if expires := rule.(map[string]any); expires["ExpirationInDays"] != nil {
			prefixes = append(prefixes, expires["Prefix"].(string))
		}
	}
	assert.Equal(t, []string{"runs/", "changes/"}, prefixes)
}

func TestRule(t *testing.T) {
	t.Parallel()
	for variant, want := range map[string]any{
		"small":   map[string]any{"bucket": map[string]any{"name": []any{"outgoing"}}},
		"example": map[string]any{"bucket": map[string]any{"name": []any{"example-outgoing"}}, "object": map[string]any{"key": []any{map[string]any{"prefix": "reports/"}}}},
	} {
		rule := variants.Template(t, variant).OfType("AWS::Events::Rule")["UploadRule"]
		assert.Equal(t, want, rule.At("EventPattern", "detail"))
		assert.Nil(t, rule.At("State"), "it starts runs")
	}
	assert.Equal(t, "DISABLED", variants.Template(t, "scheduled").OfType("AWS::Events::Rule")["UploadRule"].At("State"))
}

// The schedule picks up what events missed, unless an operator does without it.
func TestSchedule(t *testing.T) {
	t.Parallel()
	schedule := variants.Template(t, "small").Only(t, "AWS::Scheduler::Schedule")
	assert.Equal(t, "rate(15 minutes)", schedule.At("ScheduleExpression"))
	assert.JSONEq(t, `{"sweep":true}`, schedule.At("Target", "Input").(string))
	assert.Empty(t, variants.Template(t, "large").OfType("AWS::Scheduler::Schedule"))
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	names := func(variant string) []string {
		return constructtest.Keys(variants.Template(t, variant).OfType("AWS::CloudWatch::Alarm"))
	}
	always := []string{"Alarmsaborted", "Alarmsfunctionsthrottled", "Alarmsnotstarted"}
	assert.Equal(t, append(slices.Clone(always), "Alarmsoldestunsent", "Alarmsrunsthrottled", "Alarmsstale", "Alarmstimedout", "Alarmsuploadlost"), names("small"))
	assert.Equal(t, append(slices.Clone(always), "Alarmsrunsthrottled", "Alarmstimedout", "Alarmsuploadlost"), names("large"))
	nothing := variants.Template(t, "example").OfType("AWS::CloudWatch::Alarm")["Alarmsnothingsent"]
	assert.Equal(t, "FilesSent", nothing.At("MetricName"))
	assert.Equal(t, 26.0, nothing.At("EvaluationPeriods"))
	assert.Equal(t, "breaching", nothing.At("TreatMissingData"))
	oldest := variants.Template(t, "small").OfType("AWS::CloudWatch::Alarm")["Alarmsoldestunsent"]
	assert.Equal(t, 6*3600.0, oldest.At("Threshold"))
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	valid := map[string]any{"system": "send-files", "sourceBucket": "outgoing", "sshHost": "h.example", "sshUsername": "us", "sshHostKeys": hostKey}
	tests := []struct {
		name        string
		context     map[string]any
		environment map[string]string
		want        string
	}{
		{"the original's environment", nil, map[string]string{"SSH_HOST": "h.example", "SSH_DIR": "in", "SSH_PASSWORD": "ssm:/p", "SSH_PORT": "23"}, ""},
		{"no host key", map[string]any{"sshHostKeys": ""}, nil, "setting sshHostKeys: it is missing"},
		{"the password itself", nil, map[string]string{"SSH_PASSWORD": "hunter2"}, "setting sshPassword: this is the secret itself"},
		{"the key itself", nil, map[string]string{"SSH_PRIVATE_KEY": "-----BEGIN"}, "setting sshPrivateKey: this is the secret itself"},
		{"a key in S3", nil, map[string]string{"SSH_PRIVATE_KEY": "bucket:path/id_rsa"}, ""},
		{"no such action", map[string]any{"after": "remove"}, nil, `"remove" is not delete, keep, tag or archive:<prefix>/`},
		{"an archive that has the source in it", map[string]any{"after": "archive:out/", "sourcePrefix": "out/new/"}, nil, "has the objects in it"},
		{"a passphrase for nothing", map[string]any{"sshPassphrase": "ssm:/p"}, nil, "without sshPrivateKey"},
		{"nothing that starts runs", map[string]any{"startOnUpload": false, "schedule": "none"}, nil, "without a schedule nothing is sent"},
		{"an empty bucket name", map[string]any{"sourceBucket": ""}, nil, "setting sourceBucket: it is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			context := map[string]any{}
			for name, value := range valid {
				if tt.environment["SSH_HOST"] == "" || name != "sshHost" {
					context[name] = value
				}
			}
			for name, value := range tt.context {
				context[name] = value
			}
			err := settings.Read(newSystem(), context, func(name string) string { return tt.environment[name] })
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.want)
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}
