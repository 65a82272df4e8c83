package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/statemachine/local/childproc"
)

// asProgram is the variable that makes this test's binary run the program.
const asProgram = "INFRA_AS_PROGRAM"

func TestMain(m *testing.M) {
	if code, isWatchdog := childproc.RunIfWatchdog(); isWatchdog {
		construct.Close()
		os.Exit(code)
	}
	if os.Getenv(asProgram) != "" {
		main()
	}
	code := m.Run()
	construct.Close()
	os.Exit(code)
}

// deploy runs the program as the CDK CLI does and returns what it prints.
func deploy(t *testing.T, context map[string]any, environment ...string) (string, error) {
	t.Helper()
	text, err := json.Marshal(context)
	require.NoError(t, err)
	program, temporary := exec.Command(os.Args[0]), t.TempDir()
	program.Dir = t.TempDir()
	program.Env = append([]string{asProgram + "=1", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + temporary, "CDK_CONTEXT_JSON=" + string(text)}, environment...)
	output, err := program.CombinedOutput()
	left, unread := os.ReadDir(temporary)
	require.NoError(t, unread)
	assert.Empty(t, left, "the CDK's library is cleared away")
	return string(output), err
}

func TestWrongSettingsAreALineEach(t *testing.T) {
	t.Parallel()
	output, err := deploy(t, map[string]any{
		"managedBucket": "digipres-managed", "memory": 1.0, "aws:cdk:enable-path-metadata": true,
	}, "SFTPGO_PASSWORD=hunter2")

	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 1, exit.ExitCode())
	assert.Equal(t, []string{
		`setting managedBucket: "digipres-managed" is not a name like digipres-dev1-managed`,
		"setting sftpgoHost: it is missing: give a URL like https://sftpgo.example.org, here or as SFTPGO_HOST in the environment",
		"setting sftpgoUsername: it is missing: give it, here or as SFTPGO_USERNAME in the environment, or sftpgoApiKey instead",
		"setting sftpgoPassword: this is the secret itself, which anybody who may read the CloudFormation stack would see: " +
			"keep it in Parameter Store with `SFTPGO_PASSWORD=… make keep-secret`, then deploy with SFTPGO_PASSWORD=ssm:/sftpgo/password",
		`setting memory: "1" is not a whole number from 128 to 10240`,
	}, strings.Split(strings.TrimSpace(output), "\n"))
}

func TestMissingCodeNamesItsRemedy(t *testing.T) {
	t.Parallel()
	output, err := deploy(t, map[string]any{"managedBucket": "digipres-dev1-managed"},
		"SFTPGO_HOST=https://sftpgo.example.org", "SFTPGO_USERNAME=admin")
	require.Error(t, err)
	assert.Equal(t, "discover-users is not built for arm64: run `make build GOARCH=arm64`\n", output)
}
