package local

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestArtifactOlderThanItsSourcesIsRefused(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name, give string // what was changed after the build
		want       string
	}{
		{name: "nothing"},
		{name: "a function", give: "shared/account/plan.go", want: "bootstrap is older than shared/account/plan.go: run `make setup`"},
		{name: "the definition", give: "statemachine/sync-users.asl.json", want: "infra is older than statemachine/sync-users.asl.json"},
		{name: "a test", give: "shared/account/plan_test.go"},
		{name: "a package of node_modules", give: "infra/node_modules/aws-cdk/a.go"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := artifacts{root: t.TempDir()}
			at := func(path string, when time.Time) {
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				require.NoError(t, os.WriteFile(path, nil, 0o600))
				require.NoError(t, os.Chtimes(path, when, when))
			}
			for _, source := range []string{
				"functions/sync-user/main.go", "shared/account/plan.go", "shared/account/plan_test.go", "infra/main.go", "go.mod", "go.sum",
				"infra/node_modules/aws-cdk/a.go", "statemachine/definition.go", "statemachine/sync-users.asl.json",
			} {
				at(a.path(source), noon)
			}
			for _, path := range []string{a.cdkApp(), a.function("discover-users"), a.function("sync-user"), a.function("summarize-run")} {
				at(path, noon.Add(time.Minute))
			}
			if tt.give != "" {
				at(a.path(tt.give), noon.Add(time.Hour))
			}

			err := a.checkUpToDate()

			if tt.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, tt.want)
		})
	}
}
