package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

const examplePartner = "../../../../infra/examples/fetch-partner.json"

// answer runs a command with lines of standard input.
func answer(t *testing.T, input string, args ...string) output {
	t.Helper()
	var out, errs bytes.Buffer
	env := program.Environment{In: strings.NewReader(input), Out: &out, Err: &errs}
	env.Connect = func(*connect.Flags) connect.Connections { return nil }
	code := program.Run(t.Context(), &env, New(&env), args)
	return output{code, out.String(), errs.String()}
}

func TestConfigCheck(t *testing.T) {
	t.Parallel()
	wrong := filepath.Join(t.TempDir(), "partner.json")
	require.NoError(t, os.WriteFile(wrong, []byte(`{"Name": "x", "Url": "https://h", "Schedule": "@dayly", "SyncSettings": [
		{"LocalRepository": {"BucketName": "incoming"}, "RemoteFolders": {"Folder": "/%days%"}, "Shedule": "@daily"}]}`), 0o600))
	withoutKey := filepath.Join(t.TempDir(), "partner.json")
	require.NoError(t, os.WriteFile(withoutKey, []byte(`{"Name": "x", "Url": "h", "Schedule": "on-demand", "SyncSettings": [
		{"LocalRepository": {"BucketName": "incoming"}, "RemoteFolders": {"Folder": "/out"}}]}`), 0o600))
	tests := []struct {
		name, file string
		args       []string
		code       int
	}{
		{"config-check.txt", examplePartner, nil, success},
		{"config-check.json", examplePartner, []string{"--output", "json"}, success},
		{"config-check-wrong.txt", wrong, nil, failure},
		{"config-check-wrong.json", wrong, []string{"--output", "json"}, failure},
		{"config-check-without-key.txt", withoutKey, nil, success},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := answer(t, "", append([]string{"config", "check", tt.file}, tt.args...)...)
			assert.Equal(t, tt.code, got.code, got.err)
			golden(t, tt.name, strings.ReplaceAll(got.out, tt.file, "partner.json"))
		})
	}
	assert.Contains(t, answer(t, "", "config", "check", "nowhere.json").err, "no such file")
	assert.Contains(t, answer(t, "", "config", "check").err, "give the name of a file")
}

// The host of the questions has no server, so that its keys can't be read.
func TestConfigNew(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "partner.json")
	answers := "partner\n\n127.0.0.1:1\n\n@dayly\n@hourly\n\n/out\n\nincoming\n\n\n\n\n"
	got := answer(t, answers, "config", "new", file)
	require.Equal(t, success, got.code, got.err)
	golden(t, "config-new.txt", strings.ReplaceAll(got.err, file, "partner.json"))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	golden(t, "config-new.json", string(text))
	_, err = fetchconfig.Parse(text)
	require.NoError(t, err)

	got = answer(t, answers, "config", "new", file)
	assert.Equal(t, failure, got.code)
	assert.Contains(t, got.err, "there is something named")
	early := filepath.Join(t.TempDir(), "early.json")
	got = answer(t, "partner\n", "config", "new", early)
	assert.Contains(t, got.err, "the answers ended before the last question, so nothing was written")
	assert.NoFileExists(t, early)
}
