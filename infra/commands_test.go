package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/digipres/sync-users/infra/syncusers"
)

// shell runs commands as an operator does, against an AWS on this machine.
type shell struct {
	environment []string
	// log has a line for each call of aws and the CDK's command line: its first
	// two words, the profile and the region.
	log string
	// fakes is the folder of the programs that write the log.
	fakes string
}

// fakeAWS is aws itself, except that it answers with FAKE_SCHEDULE, because moto's
// CloudFormation creates none, and with FAKE_ACCOUNT. It counts the versions of each
// delete-objects, and runs ON_DISABLE before a rule is disabled.
const fakeAWS = `#!/bin/sh
echo "aws $1 $2 ${AWS_PROFILE-} ${AWS_REGION-}" >>"$LOG"
case $*,${FAKE_ACCOUNT-} in
*AWS::Scheduler::Schedule*) echo "${FAKE_SCHEDULE-}" ;;
sts\ *,?*) echo "$FAKE_ACCOUNT" ;;
*delete-objects*) grep -c '"Key"' "${6#file://}" >>"$LOG.deleted" && exec "$REAL_AWS" "$@" ;;
*disable-rule*) eval "${ON_DISABLE-}" && exec "$REAL_AWS" "$@" ;;
*) exec "$REAL_AWS" "$@" ;;
esac
`

// fakeCDK is the CDK's CLI for list, which changes nothing, and otherwise FAKE_CDK.
const fakeCDK = `#!/bin/sh
echo "cdk $1 ${AWS_PROFILE-} ${AWS_REGION-} ${SFTPGO_API_KEY-}" >>"$LOG"
[ "$1" = list ] && exec "$REAL_CDK" "$@"
eval "${FAKE_CDK-}"
`

func newShell(t *testing.T) shell {
	t.Helper()
	server := tool(t, "../.build/venv/bin/moto_server")
	s := shell{fakes: t.TempDir()}
	for name, program := range map[string]string{"aws": fakeAWS, "cdk": fakeCDK} {
		require.NoError(t, os.WriteFile(filepath.Join(s.fakes, name), []byte(program), 0o700))
	}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "AWS_") && !strings.HasPrefix(name, "SFTPGO_") && !strings.HasPrefix(name, "SSH_") && !strings.HasPrefix(name, "MAKE") {
			s.environment = append(s.environment, variable)
		}
	}
	s.environment = append(s.environment, "PATH="+s.fakes+string(os.PathListSeparator)+os.Getenv("PATH"), "AWS_ENDPOINT_URL="+listen(t, server),
		"REAL_AWS="+filepath.Join(filepath.Dir(server), "aws"), "REAL_CDK="+tool(t, "node_modules/.bin/cdk"),
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_PAGER=")
	return s.withLog(t)
}

// withLog returns the same shell with a log of its own.
func (s shell) withLog(t *testing.T) shell {
	s.log = filepath.Join(t.TempDir(), "log")
	s.environment = append(slices.Clip(s.environment), "LOG="+s.log)
	return s
}

// calls returns the lines of the log.
func (s shell) calls(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(s.log)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// run returns what a command prints. The command has to succeed.
func (s shell) run(t *testing.T, folder, command string, environment ...string) string {
	t.Helper()
	process := exec.CommandContext(t.Context(), "sh", "-c", command)
	process.Dir = folder
	process.Env = append(slices.Clip(s.environment), environment...)
	output, err := process.CombinedOutput()
	require.NoError(t, err, "%s\n%s", command, output)
	return strings.TrimSpace(string(output))
}

// command returns the command that makes targets with the fakes.
func (s shell) command(targets string) string {
	return `make CDK="` + s.fakes + `/cdk" 'with_aws=PATH="` + s.fakes + `:$$PATH"' ` + targets
}

// make returns what make prints for targets. It has to succeed, or to fail if an
// exclamation mark is first.
func (s shell) make(t *testing.T, targets string, environment ...string) string {
	t.Helper()
	rest, fails := strings.CutPrefix(targets, "!")
	if fails {
		return s.run(t, "..", "! "+s.command(rest), environment...)
	}
	return s.run(t, "..", s.command(targets), environment...)
}

func TestCommands(t *testing.T) {
	t.Parallel()
	aws := newShell(t)
	for name, test := range map[string]func(*testing.T, shell){
		"turn on EventBridge":       testEventBridgeCommand,
		"keep a secret":             testKeepSecret,
		"keep a login":              testKeepLogin,
		"delete an installation":    testDestroy,
		"profile for the CDK alone": testProfileForCDKAlone,
		"profile for all programs":  testProfileForAll,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, aws.withLog(t))
		})
	}
}

// The command that the deploy prints keeps the notifications that a bucket has.
func testEventBridgeCommand(t *testing.T, aws shell) {
	folder := t.TempDir()
	theirs := `{"TopicConfigurations":[{"Id":"theirs","TopicArn":"arn:aws:sns:us-east-1:123456789012:theirs","Events":["s3:ObjectCreated:*"]}]}`
	aws.run(t, folder, "aws s3api create-bucket --bucket digipres-dev1-managed && aws sns create-topic --name theirs")
	aws.run(t, folder, "aws s3api put-bucket-notification-configuration --bucket digipres-dev1-managed --notification-configuration '"+theirs+"'")

	template, err := constructtest.Synthesize(new(syncusers.Settings), constructtest.Example("small"))
	require.NoError(t, err)
	command := constructtest.Plain(template.Outputs["TurnOnEventBridge"].Value).(string)
	for range 2 { // the second time changes nothing
		aws.run(t, folder, command)
		written, err := os.ReadFile(filepath.Join(folder, "notifications.json"))
		require.NoError(t, err)
		assert.JSONEq(t, strings.TrimSuffix(theirs, "}")+`,"EventBridgeConfiguration":{}}`, string(written))
	}
	now := aws.run(t, folder, "aws s3api get-bucket-notification-configuration --bucket digipres-dev1-managed")
	assert.Contains(t, now, "arn:aws:sns:us-east-1:123456789012:theirs")
}
