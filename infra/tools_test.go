package main

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine"
	"github.com/digipres/sync-users/statemachine/local/moto"
)

// tool returns the path of a program that `make setup` installs.
func tool(t *testing.T, path string) string {
	t.Helper()
	require.FileExists(t, path, "run `make setup`")
	path, err := filepath.Abs(path)
	require.NoError(t, err)
	return path
}

func TestTemplatesPassCfnLint(t *testing.T) {
	t.Parallel()
	lint := tool(t, "../.build/venv/bin/cfn-lint")
	arguments := []string{"--regions", "eu-west-1", "us-east-1", "--template"}
	for variant := range variants {
		file := filepath.Join(t.TempDir(), variant+".json")
		require.NoError(t, os.WriteFile(file, []byte(templateOf(t, variant).text), 0o600))
		arguments = append(arguments, file)
	}
	output, err := exec.CommandContext(t.Context(), lint, arguments...).CombinedOutput()
	require.NoError(t, err, string(output))
}

func TestDefinitionIsValid(t *testing.T) {
	t.Parallel()
	validator := tool(t, "node_modules/.bin/asl-validator")
	for name, definition := range map[string]string{"standard": statemachine.Definition, "express": statemachine.WithExpressChildren()} {
		file := filepath.Join(t.TempDir(), name+".asl.json")
		require.NoError(t, os.WriteFile(file, []byte(definition), 0o600))
		output, err := exec.CommandContext(t.Context(), validator, "--json-path", file).CombinedOutput()
		require.NoError(t, err, string(output))
	}
}

// listen starts a moto server on a free port, waits until it answers, and
// stops it when the test ends.
func listen(t *testing.T, server string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	process, url, err := moto.StartServer(ctx, exec.Command(server))
	require.NoError(t, err)
	t.Cleanup(process.Stop)
	return url.String()
}

func keys(resources map[string]resource) []string { return slices.Sorted(maps.Keys(resources)) }

func textOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}
