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

// said is what a process left behind.
type said struct {
	code     int
	out, err string
}

// environment is that of an operator's shell in the cloud, with some variables
// set otherwise; an empty value unsets one.
func environment(others map[string]string) []string {
	variables := map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": "/nonexistent", "TERM": "xterm-256color", "TZ": "UTC",
		"AWS_ENDPOINT_URL": cloud.Endpoint, "AWS_REGION": local.Region, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ACCESS_KEY_ID": local.AccessKeyID, "AWS_SECRET_ACCESS_KEY": local.SecretAccessKey,
		"SFTPGO_HOST": cloud.SFTPGoURL, "SFTPGO_USERNAME": cloud.SFTPGoUsername, "SFTPGO_PASSWORD": cloud.SFTPGoPassword,
		"SFTPGO_S3_ENDPOINT": cloud.Endpoint,
	}
	for name, value := range others {
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

// command is a process of the command line, not started yet.
func command(t *testing.T, others map[string]string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = environment(others)
	return cmd
}

// syncUsers runs the command line in a pipe, where nothing that it prints may
// steer a terminal.
func syncUsers(t *testing.T, args ...string) said {
	t.Helper()
	return syncUsersWith(t, nil, args...)
}

func syncUsersWith(t *testing.T, others map[string]string, args ...string) said {
	t.Helper()
	cmd := command(t, others, args...)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	_ = cmd.Run()
	got := said{cmd.ProcessState.ExitCode(), out.String(), err.String()}
	assert.NotContains(t, got.out+got.err, "\x1b", "an escape character in a pipe")
	assert.NotContains(t, got.out+got.err, cloud.SFTPGoPassword)
	return got
}

// decoded reads what a command printed with --output json.
func decoded[T any](t *testing.T, text string) (value T) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&value), text)
	return value
}

// outcomes are those of a report, by user.
func outcomes(report run.Report) map[string]run.Outcome {
	byUser := map[string]run.Outcome{}
	for _, r := range report.Results {
		byUser[r.Username] = r.Outcome
	}
	return byUser
}

// shows are the buckets that an account shows, in order.
func shows(t *testing.T, email string) []string {
	t.Helper()
	user, ok, err := town.SFTPGo.Account(t.Context(), email)
	require.NoError(t, err)
	require.True(t, ok, email)
	var paths []string
	mapped, _ := user["virtual_folders"].([]any)
	for _, folder := range mapped {
		paths = append(paths, strings.TrimPrefix(folder.(map[string]any)["virtual_path"].(string), "/"))
	}
	slices.Sort(paths)
	return paths
}
