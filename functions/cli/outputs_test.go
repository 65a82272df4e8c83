package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is documented of JSON is what is printed: no field is missing from
// either, over all that the tests have printed.
func TestShapesAreDocumented(t *testing.T) {
	t.Parallel()
	tests := []struct {
		command string
		files   []string
	}{
		{"plan", []string{"plan.json", "plan-alice.json"}},
		{"status", []string{"status.json"}},
		{"explain", []string{"explain.json", "explain-keyless.json", "explain-shared.json"}},
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
			i := slices.IndexFunc(shapes, func(s shape) bool { return strings.HasPrefix(s.of, tt.command) })
			documented := map[string]bool{}
			for _, field := range shapes[i].fields {
				documented[field[0]] = true
				assert.NotEmpty(t, field[1], field[0])
			}
			assert.Equal(t, documented, printed)
		})
	}
}

// fields collects the paths of all fields of a value, as shapes names them.
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
