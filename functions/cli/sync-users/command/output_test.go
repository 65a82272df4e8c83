package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The help documents the JSON fields that commands print, no more and no less, in
// all that these tests print.
func TestOutputHelp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		command string
		files   []string
	}{
		{"plan", []string{"plan.json", "plan-alice.json", "plan-without-group.json", "report.json", "report-losses.json"}},
		{"status", []string{"status.json"}},
		{"explain", []string{"explain.json", "explain-keyless.json", "explain-shared.json", "transfer-explain.json"}},
		{"who", []string{"who.json", "access.json"}},
		{"history", []string{"history.json"}},
		{"keys", []string{"keys.json"}},
		{"check", []string{"check.json", "check-failed.json"}},
		{"start", []string{"start.json"}},
		{"trigger", []string{"trigger.json"}},
	}
	for _, tt := range tests {
		t.Run(tt.command, func(t *testing.T) {
			t.Parallel()
			printed := map[string]bool{}
			for _, name := range tt.files {
				text, err := os.ReadFile(filepath.Join("testdata", name))
				require.NoError(t, err)
				var value any
				require.NoError(t, json.Unmarshal(text, &value))
				fields("", value, printed)
			}
			_, section, ok := strings.Cut(outputHelp, "\n"+tt.command)
			require.True(t, ok)
			_, section, _ = strings.Cut(section, ":\n\n")
			section, _, _ = strings.Cut(section, "\n\n")
			documented := map[string]bool{}
			for _, match := range documentedField.FindAllStringSubmatch(section, -1) {
				documented[match[1]] = true
			}
			assert.Equal(t, documented, printed)
		})
	}
}

var documentedField = regexp.MustCompile(`(?m)^  (\S+) +\S`)

// fields collects the paths of all fields of a value, as the help names them.
func fields(path string, value any, into map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		if path == "sync" {
			into["sync.…"] = true
			return
		}
		for name, v := range value {
			fields(strings.TrimPrefix(path+"."+name, "."), v, into)
		}
	case []any:
		for _, v := range value {
			fields(path+"[]", v, into)
		}
	case nil:
	default:
		into[path] = true
	}
}
