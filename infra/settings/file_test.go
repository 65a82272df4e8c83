package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrongFiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give, want string
	}{
		{"list", `[]`, "FILE is not an object in JSON: json: cannot unmarshal array into Go value of type map[string]interface {}"},
		{"nothing", `null`, "FILE is not an object in JSON: it is null"},
		{"one that goes on", `{"settings": "b.json"}`, "FILE names a file of settings in its turn: give one file"},
		{"a setting twice", `{"//": "a", "//": "b", "vpc": {"memory": 1}, "memory": 256, "memory": 512}`, `duplicate "memory" in FILE: take one of them away`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "settings.json")
			require.NoError(t, os.WriteFile(file, []byte(test.give), 0o600))
			_, err := readInstallation(enough(map[string]any{FileSetting: file}))
			require.EqualError(t, err, "setting settings: "+strings.ReplaceAll(test.want, "FILE", file))
		})
	}
}
