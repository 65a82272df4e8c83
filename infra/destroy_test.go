package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	location     = "account 123456789012, us-east-1"
	installation = `{"Resources": {
		"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "123456789012-${AWS::StackName}-runs-${AWS::Region}"}}},
		"Rule": {"Type": "AWS::Events::Rule", "Properties": {"Name": {"Fn::Sub": "${AWS::StackName}-trigger"}, "EventPattern": {"source": ["aws.s3"]}}},
		"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"StateMachineName": {"Fn::Sub": "${AWS::StackName}"},
			"RoleArn": "arn:aws:iam::123456789012:role/any", "DefinitionString": "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Succeed\"}}}"}}
	}}`
	settingsOfTest = `ARGS="-c stackName=$STACK -c managedBucket=digipres-dev1-managed -c sftpgoHost=https://sftpgo.example.org -c sftpgoUsername=admin"`
)

// createInstallation creates what `make destroy` handles, with a schedule and a
// record of a run. It returns a shell for it.
func (s shell) createInstallation(t *testing.T, stack string, environment ...string) shell {
	t.Helper()
	s = s.withLog(t)
	s.environment = append(s.environment, "STACK="+stack, "FAKE_SCHEDULE="+stack+"-schedule", "TEMPLATE="+installation)
	s.environment = append(s.environment, environment...)
	s.run(t, ".", `aws cloudformation create-stack --stack-name "$STACK" --template-body "$TEMPLATE" &&
		aws scheduler create-schedule --name "$STACK-schedule" --description daily --schedule-expression "cron(0 6 * * ? *)" \
		--schedule-expression-timezone Europe/Vienna --flexible-time-window Mode=OFF \
		--target '{"Arn": "arn:aws:states:us-east-1:123456789012:stateMachine:any", "RoleArn": "arn:aws:iam::123456789012:role/any", "Input": "{}"}' &&
		aws s3api put-object --bucket "123456789012-$STACK-runs-$AWS_REGION" --key runs/old/report.json`)
	return s.withLog(t)
}

// state returns what `make destroy` changes: the rule, the schedule, and the number
// of records.
func (s shell) state(t *testing.T) string {
	t.Helper()
	return s.run(t, ".", `"$REAL_AWS" events describe-rule --name "$STACK-trigger" --query State --output text
		"$REAL_AWS" scheduler get-schedule --name "$STACK-schedule" --output json --query "[ScheduleExpression, ScheduleExpressionTimezone, Description, Target, State]"
		"$REAL_AWS" s3api list-object-versions --bucket "123456789012-$STACK-runs-$AWS_REGION" --no-paginate --output text --query 'length([Versions, DeleteMarkers][])'`)
}

const (
	aRun  = `"$REAL_AWS" stepfunctions start-execution --name late --state-machine-arn "arn:aws:states:us-east-1:123456789012:stateMachine:$STACK" >/dev/null`
	noRun = `"$REAL_AWS" stepfunctions stop-execution --execution-arn "arn:aws:states:us-east-1:123456789012:execution:$STACK:late" >/dev/null`
)

func testDestroy(t *testing.T, aws shell) {
	aws = aws.createInstallation(t, "first")
	before := aws.state(t)
	going := "A run is in progress in " + location + ": arn:aws:states:us-east-1:123456789012:execution:first:late\nWait until it has ended, or stop it"
	refusals := []struct {
		name string
		// give prints the answer.
		give, environment, want string
	}{
		{"answered no", "echo n", "",
			"Delete the records of all runs in s3://123456789012-first-runs-us-east-1, and then the CloudFormation stack first in " + location + "? [y/N] Nothing was changed."},
		{"not answered", "true", "", "Nothing was changed."},
		{"aws in another account", "echo y", "FAKE_ACCOUNT=210987654321",
			"aws is in account 210987654321 and the CDK in 123456789012: choose one for both with AWS_PROFILE alone."},
		{"no such stack", "echo y", "STACK=nowhere", "There is no CloudFormation stack nowhere in " + location},
		{"settings out of order", "echo y", "STACK=NOWHERE", `setting stackName: "NOWHERE" is not a name`},
		{"a run starts after the answer", "echo y", "ON_DISABLE=" + aRun, going},
		{"a run goes on", "echo y", "", going},
	}
	for _, tt := range refusals {
		t.Run(tt.name, func(t *testing.T) {
			aws := aws.withLog(t)
			output := aws.run(t, "..", "{ "+tt.give+"; } | { ! "+aws.command("destroy "+settingsOfTest)+"; }", tt.environment)
			assert.Contains(t, output, tt.want)
			assert.Equal(t, before, aws.state(t))
			for _, call := range aws.calls(t) {
				assert.NotContains(t, call, "cdk destroy")
				assert.NotContains(t, call, "delete-objects")
			}
		})
	}
	aws.run(t, ".", noRun)
	// The records are gone then, but the installation works.
	for name, cdk := range map[string]string{"deletion fails": "exit 1", "deletion is interrupted": "kill -TERM $PPID"} {
		t.Run(name, func(t *testing.T) {
			output := aws.make(t, "!destroy "+settingsOfTest, "YES=1", "FAKE_CDK="+cdk)
			assert.Contains(t, output, "The CloudFormation stack first is still there, and runs can start again.")
			assert.Equal(t, strings.TrimSuffix(before, "1")+"0", aws.state(t))
		})
	}
	t.Run("thousands of versions", func(t *testing.T) { testDestroyOfThousands(t, aws.withLog(t)) })
}

// Nothing starts a run any more when the first record is deleted, and no more
// are deleted at once than S3 takes.
func testDestroyOfThousands(t *testing.T, aws shell) {
	records := t.TempDir()
	for i := range 700 {
		require.NoError(t, os.WriteFile(filepath.Join(records, strconv.Itoa(i)), nil, 0o600))
	}
	aws.run(t, records, `bucket=123456789012-first-runs-us-east-1
		"$REAL_AWS" s3api put-bucket-versioning --bucket $bucket --versioning-configuration Status=Enabled
		"$REAL_AWS" s3 cp --quiet --recursive . s3://$bucket/runs && "$REAL_AWS" s3 rm --quiet --recursive s3://$bucket/runs`)

	output := aws.make(t, "destroy "+settingsOfTest, "YES=1", "FAKE_CDK=echo deleting it")
	assert.Contains(t, output, "s3://123456789012-first-runs-us-east-1 is empty.\ndeleting it")
	left := aws.state(t)
	assert.Equal(t, 2, strings.Count(left, "DISABLED"), left)
	assert.True(t, strings.HasSuffix(left, "\n0"), left)

	calls := aws.calls(t)
	var order []int
	for _, call := range []string{"aws events disable-rule", "aws scheduler update-schedule", "aws s3api delete-objects", "cdk destroy"} {
		order = append(order, slices.IndexFunc(calls, func(c string) bool { return strings.HasPrefix(c, call) }))
	}
	assert.NotContains(t, order, -1)
	assert.IsIncreasing(t, order)
	counts, err := os.ReadFile(aws.log + ".deleted")
	require.NoError(t, err)
	sum := 0
	for _, count := range strings.Fields(string(counts)) {
		n, err := strconv.Atoi(count)
		require.NoError(t, err)
		assert.LessOrEqual(t, n, 1000)
		sum += n
	}
	assert.Equal(t, 1400, sum)
}

func testProfileForCDKAlone(t *testing.T, aws shell) {
	for target, argument := range map[string]string{"keep-secret": "--profile=production", "deploy": "--profile production", "destroy": "--profile production"} {
		output := aws.make(t, "!"+target+` ARGS="-c memory=512 `+argument+`"`, "SFTPGO_PASSWORD=hunter2", "YES=1")
		assert.Contains(t, output, "ARGS has --profile, which only the CDK would follow: take it away, and choose the account for everything with AWS_PROFILE=…")
	}
	assert.Empty(t, aws.calls(t))
}

// The profile, and the region that it has, reach the CDK and the scripts.
func testProfileForAll(t *testing.T, aws shell) {
	config := filepath.Join(t.TempDir(), "config")
	text := "[profile production]\nregion = eu-north-1\naws_access_key_id = test\naws_secret_access_key = test\n"
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	elsewhere := aws.createInstallation(t, "profile", "AWS_REGION=eu-north-1", "AWS_DEFAULT_REGION=eu-north-1")
	for i, variable := range elsewhere.environment {
		name, _, _ := strings.Cut(variable, "=")
		if slices.Contains([]string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}, name) {
			elsewhere.environment[i] = "NOTHING="
		}
	}
	for _, give := range []struct{ name, targets, environment string }{
		{"environment", "keep-secret deploy destroy ", "AWS_PROFILE=production"},
		{"argument", "AWS_PROFILE=production keep-secret deploy destroy ", "AWS_DEFAULT_PROFILE=development"},
	} {
		t.Run(give.name, func(t *testing.T) {
			aws := elsewhere.withLog(t)
			aws.make(t, give.targets+settingsOfTest, give.environment, "AWS_CONFIG_FILE="+config, "SFTPGO_PASSWORD=hunter2", "YES=1")
			var programs []string
			for _, call := range aws.calls(t) {
				words := strings.Fields(call)
				programs = append(programs, words[0]+" "+words[1])
				assert.Contains(t, words, "production", call)
				if words[0] == "aws" {
					assert.Contains(t, words, "eu-north-1", call)
				}
			}
			for _, program := range []string{"aws ssm", "cdk deploy", "aws events", "aws s3api", "cdk destroy"} {
				assert.Contains(t, programs, program)
			}
		})
	}
}
