package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/runlock"
)

var update = flag.Bool("update", false, "write what is seen into the golden files and the reference")

func TestMain(m *testing.M) {
	time.Local = time.UTC // Tables show local times.
	os.Exit(m.Run())
}

// said is what a command left behind.
type said struct {
	code     int
	out, err string
}

// run runs a command in the town.
func (t *town) run(ctx context.Context, args ...string) said {
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &errs, connect: t.connections}
	code := a.run(ctx, args)
	return said{code, out.String(), errs.String()}
}

// inTown runs one command in a new town, in which waiting takes no time and it
// is always the year 2000.
func inTown(t *testing.T, prepare func(*town), args ...string) (result said) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		town := newTown()
		if prepare != nil {
			prepare(town)
		}
		result = town.run(t.Context(), args...)
	})
	return result
}

// golden compares a text with a file of testdata. Names of runs are replaced,
// because each is made anew.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = runNames.ReplaceAllString(got, "$1-NAME")
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "%s; `go test ./functions/cli -update` takes it as it is", path)
}

var runNames = regexp.MustCompile(`\b(sync|start)-\d{8}T\d{6}Z-[A-Za-z0-9-]+-[a-z0-9]{6}\b`)

// decoded reads JSON strictly.
func decoded[T any](t *testing.T, text string) (value T) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&value), text)
	_, err := decoder.Token()
	require.ErrorIs(t, err, io.EOF, "one value and nothing else")
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

// Whoever is begun with the turn is done while it lasts.
func TestAPersonTakesLessThanTheTurnLasts(t *testing.T) {
	t.Parallel()
	assert.Less(t, personTime, runlock.MinRemaining)
}

func TestVersion(t *testing.T) {
	t.Parallel()
	got := newTown().run(t.Context(), "--version")
	assert.Zero(t, got.code)
	assert.Regexp(t, `^sync-users version .+ \(go1\..+\)\n$`, got.out)
}

// Everything has an example, and a first sentence without a full stop.
func TestHelp(t *testing.T) {
	t.Parallel()
	a := &app{}
	for _, cmd := range a.root().Commands() {
		t.Run(cmd.Name(), func(t *testing.T) {
			t.Parallel()
			assert.NotEmpty(t, cmd.Short)
			assert.False(t, strings.HasSuffix(cmd.Short, "."))
			if cmd.Runnable() && cmd.Name() != "completion" {
				assert.Contains(t, cmd.Example, "sync-users "+cmd.Name())
			}
			got := newTown().run(t.Context(), cmd.Name(), "--help")
			assert.Zero(t, got.code)
			assert.NotEmpty(t, got.out)
			assert.Empty(t, got.err)
			for _, line := range strings.Split(cmd.Long, "\n") {
				assert.LessOrEqual(t, len([]rune(line)), 100)
			}
		})
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give []string
		want string
	}{
		{"commands", []string{"pl"}, "plan\t"},
		{"formats", []string{"plan", "--output", ""}, "json\n"},
		{"levels", []string{"--log-level", ""}, "debug\n"},
		{"users", []string{"plan", "--username", ""}, "alice\n"},
		{"users to explain", []string{"explain", ""}, "alice\n"},
		{"runs", []string{"report", ""}, "old\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			town := newTown()
			town.deployed.executions = []run.Execution{{Name: "old", ARN: "arn:old", Status: run.StatusSucceeded}}
			got := town.run(t.Context(), append([]string{"__complete"}, tt.give...)...)
			assert.Zero(t, got.code)
			assert.Contains(t, got.out, tt.want)
		})
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		assert.Contains(t, newTown().run(t.Context(), "completion", shell).out, "sync-users")
	}
}
