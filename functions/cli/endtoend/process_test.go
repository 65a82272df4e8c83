package endtoend

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
)

// The exit codes that the help promises.
const (
	success     = 0
	failure     = 1
	changes     = 2
	interrupted = 130
)

// output is what a process printed, and its exit code.
type output struct {
	code     int
	out, err string
}

// environment is that of an operator's shell, with some variables overridden; an
// empty value unsets one.
func environment(overrides map[string]string) []string {
	variables := map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": "/nonexistent", "TERM": "xterm-256color", "TZ": "UTC",
		"AWS_ENDPOINT_URL": cloud.Endpoint, "AWS_REGION": local.Region, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ACCESS_KEY_ID": local.AccessKeyID, "AWS_SECRET_ACCESS_KEY": local.SecretAccessKey,
		"SFTPGO_HOST": cloud.SFTPGoURL, "SFTPGO_USERNAME": cloud.SFTPGoUsername, "SFTPGO_PASSWORD": cloud.SFTPGoPassword,
		"SFTPGO_S3_ENDPOINT": cloud.Endpoint,
	}
	for name, value := range overrides {
		variables[name] = value
	}
	var list []string
	for name, value := range variables {
		if value != "" {
			list = append(list, name+"="+value)
		}
	}
	return list
}

// command returns a process that is not started yet.
func command(t testing.TB, overrides map[string]string, args ...string) *exec.Cmd {
	t.Helper()
	return commandOf(t, syncUsersProgram, overrides, args...)
}

func commandOf(t testing.TB, program string, overrides map[string]string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = environment(overrides)
	return cmd
}

// syncUsers runs the command line with pipes, into which it may write no escape
// sequence.
func syncUsers(t *testing.T, args ...string) output {
	t.Helper()
	return syncUsersWith(t, nil, args...)
}

func syncUsersWith(t *testing.T, overrides map[string]string, args ...string) output {
	t.Helper()
	return runProcess(t, command(t, overrides, args...))
}

// runProcess runs a process with pipes.
func runProcess(t *testing.T, cmd *exec.Cmd) output {
	t.Helper()
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	_ = cmd.Run()
	got := output{cmd.ProcessState.ExitCode(), out.String(), err.String()}
	assert.NotContains(t, got.out+got.err, "\x1b", "an escape character in a pipe")
	assert.NotContains(t, got.out+got.err, cloud.SFTPGoPassword)
	assert.NotContains(t, got.out+got.err, cloud.Partner.Password)
	return got
}

// decoded decodes the output of --output json.
func decoded[T any](t *testing.T, text string) (value T) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&value), text)
	return value
}

// outcomes returns the outcomes of a report by user.
func outcomes(report run.Report) map[string]run.Outcome {
	byUser := map[string]run.Outcome{}
	for _, r := range report.Results {
		byUser[r.Username] = r.Outcome
	}
	return byUser
}

// mapped returns the buckets that are mapped for an account, in order.
func mapped(t *testing.T, email string) []string {
	t.Helper()
	user, ok, err := fixtures.SFTPGo.Account(t.Context(), email)
	require.NoError(t, err)
	require.True(t, ok, email)
	var paths []string
	folders, _ := user["virtual_folders"].([]any)
	for _, folder := range folders {
		paths = append(paths, strings.TrimPrefix(folder.(map[string]any)["virtual_path"].(string), "/"))
	}
	slices.Sort(paths)
	return paths
}
