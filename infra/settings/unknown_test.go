package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNamesOfTheCDKPassInTheContext(t *testing.T) {
	t.Parallel()
	_, err := readInstallation(enough(map[string]any{
		"@aws-cdk/core:x": true, "aws:cdk:enable-path-metadata": true, "availability-zones:account=123456789012:region=eu-west-1": []any{"a"},
		"cli-telemetry": false, "acknowledged-issue-numbers": []any{1.0}, "//": "a comment",
	}))
	require.NoError(t, err)
}

func TestUnknownNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		give, want string
	}{
		{"alertEmail", "did you mean alertEmails?"},
		{"alert-emails", "did you mean alertEmails?"},
		{"me-mory", "did you mean memory?"},
		{"MEMORY_", "did you mean memory?"},
		{"log-level", "did you mean logLevel?"},
		{"memroy", "did you mean memory?"},
		{"memorySize", "did you mean memory?"},
		{"emails", "did you mean alertEmails?"},
		{"vpcId", "did you mean vpc?"},
		{"colour", "`make settings` shows all there are"},
		{"", "`make settings` shows all there are"},
		{"-", "`make settings` shows all there are"},
	}
	for _, test := range tests {
		t.Run(test.give, func(t *testing.T) {
			t.Parallel()
			want := "setting " + test.give + ": there is none of this name: " + test.want
			_, err := readInstallation(enough(map[string]any{test.give: "x"}))
			require.EqualError(t, err, want)

			file := filepath.Join(t.TempDir(), "settings.json")
			require.NoError(t, os.WriteFile(file, []byte(`{"`+test.give+`": "x"}`), 0o600))
			_, err = readInstallation(enough(map[string]any{FileSetting: file}))
			require.EqualError(t, err, want)
		})
	}
}

func TestRemovedSettingsNameWhatTakesTheirPlace(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"tags": {"team": "archive"}, "permissionsBoundary": "arn:aws:iam::123456789012:policy/workloads"}`), 0o600))
	_, err := readInstallation(enough(map[string]any{FileSetting: file}))
	require.EqualError(t, err, "setting permissionsBoundary: there is none of this name any more: give it to the CDK, under \"context\" in cdk.json: "+
		"\"@aws-cdk/core:permissionsBoundary\": {\"arn\": \"…\"}\n"+
		"setting tags: there is none of this name any more: give them to the CDK, in cdk.json: \"tags\": [{\"Key\": \"team\", \"Value\": \"archive\"}]")
}

// What the CDK reads from its context alone does nothing in a file of settings.
func TestNothingButSettingsIsInTheFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"//": "a comment", "@aws-cdk/core:x": true, "cli-telemetry": false}`), 0o600))
	_, err := readInstallation(enough(map[string]any{FileSetting: file}))
	require.Error(t, err)
	assert.Equal(t, []string{
		"setting @aws-cdk/core:x: there is none of this name: `make settings` shows all there are",
		"setting cli-telemetry: there is none of this name: `make settings` shows all there are",
	}, strings.Split(err.Error(), "\n"))
}
