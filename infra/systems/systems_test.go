package systems

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/infra/settings"
)

// fileOf writes a file of settings and returns its name.
func fileOf(t *testing.T, values map[string]any) string {
	t.Helper()
	text, err := json.Marshal(values)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "settings.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}

func noEnvironment(string) string { return "" }

func TestReadOfSeveralFiles(t *testing.T) {
	t.Parallel()
	small, large := "../examples/small.json", "../examples/large.json"
	tests := []struct {
		name  string
		files []string
		want  []string
		err   string
	}{
		{"one", []string{small}, []string{"sync-users"}, ""},
		{"two", []string{small, large}, []string{"sync-users", "sync-users-production"}, ""},
		{"two of one name", []string{small, small}, nil, `setting stackName: "sync-users" is that of two files: give each its own`},
		{"no such system", []string{fileOf(t, map[string]any{"system": "sync-user"}), small}, nil, `setting system: "sync-user" is not one of fetch-files, send-files, sync-users`},
		{"mistakes in both", []string{fileOf(t, map[string]any{"memroy": 1}), fileOf(t, map[string]any{"colour": 1})}, nil, "setting colour: there is none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			found, err := Read(map[string]any{settings.FileSetting: strings.Join(tt.files, ",")}, noEnvironment)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			var names []string
			for _, s := range found {
				names = append(names, s.Base().StackName)
			}
			assert.Equal(t, tt.want, names)
		})
	}
}
