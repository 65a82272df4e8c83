package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/infra/settings"
	"github.com/digipres/sync-users/infra/systems"
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
	return deployIn(t, t.TempDir(), context, environment...)
}

// deployIn is deploy in a folder.
func deployIn(t *testing.T, folder string, context map[string]any, environment ...string) (string, error) {
	t.Helper()
	text, err := json.Marshal(context)
	require.NoError(t, err)
	program, temporary := exec.Command(os.Args[0]), t.TempDir()
	program.Dir = folder
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

// A system's template is that of its settings alone: with other systems beside it, nothing of
// it changes.
func TestOtherSystemsDoNotChangeATemplate(t *testing.T) {
	t.Parallel()
	templates := func(examples ...string) map[string]string {
		var files []string
		for _, name := range examples {
			file, err := filepath.Abs(filepath.Join("examples", name+".json"))
			require.NoError(t, err)
			files = append(files, file)
		}
		context := map[string]any{settings.FileSetting: strings.Join(files, ",")}
		installations, err := systems.Read(context, func(string) string { return "" })
		require.NoError(t, err)
		folder := t.TempDir()
		for _, s := range installations {
			for _, function := range s.Functions() {
				code := filepath.Join(folder, ".build", "lambda", construct.GoArch(s.Base().Architecture), function)
				require.NoError(t, os.MkdirAll(code, 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(code, "bootstrap"), nil, 0o755))
			}
		}
		output, err := deployIn(t, folder, context, "CDK_OUTDIR="+filepath.Join(folder, "out"), "TMPDIR="+os.TempDir())
		require.NoError(t, err, output)
		found := map[string]string{}
		for _, s := range installations {
			text, err := os.ReadFile(filepath.Join(folder, "out", s.Base().StackName+".template.json"))
			require.NoError(t, err)
			found[s.Base().StackName] = string(text)
		}
		return found
	}
	all := templates("small", "transfer", "send")
	for _, some := range []map[string]string{templates("small", "transfer"), templates("send")} {
		for name, text := range some {
			assert.Equal(t, text, all[name], name)
		}
	}
}

func TestMissingCodeNamesItsRemedy(t *testing.T) {
	t.Parallel()
	output, err := deploy(t, map[string]any{"managedBucket": "digipres-dev1-managed"},
		"SFTPGO_HOST=https://sftpgo.example.org", "SFTPGO_USERNAME=admin")
	require.Error(t, err)
	assert.Equal(t, "discover-users is not built for arm64: run `make build GOARCH=arm64`\n", output)
}
